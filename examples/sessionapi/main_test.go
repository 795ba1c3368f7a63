package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/examples/internal/exampletest"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
)

func TestMain(m *testing.M) { exampletest.Main(m, main) }

const keyID, key = "kanzlei-1", "a-key-that-nobody-sees"

// vendor is the other vendor's server: it checks signatures, issues sessions, and takes them in
// X-Api-Session alone.
type vendor struct {
	*httptest.Server
	mu     sync.Mutex
	logins int
	valid  string
	nonces map[string]bool
	calls  []http.Header
	status int // of the login, 0 if it works
}

func startVendor(t *testing.T) *vendor {
	v := &vendor{nonces: make(map[string]bool)}
	v.Server = httptest.NewServer(v)
	t.Cleanup(v.Close)
	return v
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if r.URL.Path == "/login" {
		v.login(w, r)
		return
	}
	v.calls = append(v.calls, r.Header)
	if got := r.Header.Get("X-Api-Session"); got == "" || got != v.valid {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"session": %q}`, got)
		return
	}
	fmt.Fprint(w, `{"cases": 3}`)
}

func (v *vendor) login(w http.ResponseWriter, r *http.Request) {
	v.logins++
	at, nonce := r.Header.Get("X-Api-Timestamp"), r.Header.Get("X-Api-Nonce")
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(keyID + "\n" + at + "\n" + nonce))
	unix, _ := strconv.ParseInt(at, 10, 64)
	switch {
	case v.status != 0:
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(v.status)
	case r.Header.Get("X-Api-Key-Id") != keyID || r.Header.Get("X-Api-Signature") != hex.EncodeToString(mac.Sum(nil)),
		v.nonces[nonce], time.Since(time.Unix(unix, 0)).Abs() > time.Minute:
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, r.Header)
	default:
		v.nonces[nonce] = true
		v.valid = fmt.Sprintf("session-%d-of-the-vendor", v.logins)
		fmt.Fprintf(w, `{"session": %q, "expires_in": 1800}`, v.valid)
	}
}

func (v *vendor) revoke() { v.mu.Lock(); defer v.mu.Unlock(); v.valid = "" }

func (v *vendor) env(more ...string) []string {
	return append(append(os.Environ(), "SESSIONAPI_URL="+v.URL, "SESSIONAPI_KEY_ID="+keyID, "SESSIONAPI_KEY="+key), more...)
}

func (v *vendor) connect(t *testing.T, redis string) *API {
	t.Helper()
	a, err := Connect(v.URL, &Login{KeyID: keyID, Key: secret.New(key)}, redis)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func TestProgram(t *testing.T) {
	t.Parallel()
	v := startVendor(t)
	r := exampletest.Run(t, v.env(), "-repeat", "3", "/cases")
	if want := strings.Repeat(`{"cases": 3}`+"\n", 3) + "1 token requests\n"; r.Status != 0 || r.Stdout != want {
		t.Errorf("status %d: %q\n%s", r.Status, r.Stdout, r.Stderr)
	}
	r = exampletest.Run(t, v.env("SESSIONAPI_KEY=another-secret-key"), "/cases")
	if r.Status != 1 || !strings.Contains(r.Stderr, "SESSIONAPI_KEY") || strings.Contains(r.Stderr, "another-secret-key") {
		t.Errorf("a wrong key: status %d\n%s", r.Status, r.Stderr)
	}
	if r := exampletest.Run(t, v.env("SESSIONAPI_KEY="), "/cases"); r.Status != 1 || !strings.Contains(r.Stderr, "set SESSIONAPI_URL") {
		t.Errorf("no key: status %d\n%s", r.Status, r.Stderr)
	}
}

// Nothing says Bearer or Authorization, and a session that was revoked is replaced.
func TestNoBearer(t *testing.T) {
	t.Parallel()
	v := startVendor(t)
	a := v.connect(t, "")
	for range 2 {
		if _, err := a.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/cases", Body: 1}); err != nil {
			t.Fatal(err)
		}
		v.revoke()
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.calls) != 3 || v.logins != 2 {
		t.Errorf("%d calls, %d logins", len(v.calls), v.logins)
	}
	for _, h := range v.calls {
		if text := strings.ToLower(fmt.Sprint(h)); strings.Contains(text, "bearer") || strings.Contains(text, "authorization") || h.Get("X-Api-Session") == "" {
			t.Errorf("%v", h)
		}
	}
}

func TestRefusedAndDown(t *testing.T) {
	t.Parallel()
	v := startVendor(t)
	a := v.connect(t, "")
	v.status = http.StatusForbidden
	for range 5 {
		_, err := a.Call(t.Context(), client.Request{Endpoint: "/cases"})
		failed, ok := errors.AsType[*token.FetchError](err)
		if !ok || !failed.Refused || !errors.Is(err, ErrRefused) || !errors.Is(err, client.ErrNotSent) || time.Until(failed.NextAttempt) < 90*time.Second {
			t.Errorf("%v", err)
		}
	}
	if v.logins != 1 {
		t.Errorf("a refused key was tried %d times", v.logins)
	}
	b := v.connect(t, "")
	v.status = http.StatusServiceUnavailable
	_, err := b.Call(t.Context(), client.Request{Endpoint: "/cases"})
	if failed, ok := errors.AsType[*token.FetchError](err); !ok || failed.Refused {
		t.Errorf("%v", err)
	}
}

// Processes that share a Redis log in once, and take a revocation over from each other.
func TestFleet(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	v := startVendor(t)
	var fleet []*API
	for range 4 {
		fleet = append(fleet, v.connect(t, redis.Addr()))
	}
	for round := range 2 {
		var all sync.WaitGroup
		for _, a := range fleet {
			all.Go(func() {
				if _, err := a.Call(t.Context(), client.Request{Endpoint: "/cases"}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		v.mu.Lock()
		if v.logins != round+1 {
			t.Errorf("%d logins in round %d", v.logins, round+1)
		}
		v.mu.Unlock()
		v.revoke()
	}
}
