package discovery_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/discovery"
)

// serve returns a configuration for a service of the test's own, which is required.
func serve(t *testing.T, handler http.HandlerFunc) discovery.Config {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	cfg := config(nil)
	cfg.Base, cfg.URL, cfg.Required = nil, srv.URL+"/Url", true
	return cfg
}

func TestWhatIsNoAnswer(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer elsewhere.Close()
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"HTML":        {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>welcome</html>") }, "not a JSON object"},
		"empty":       {func(http.ResponseWriter, *http.Request) {}, "not a JSON object"},
		"204":         {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, "204"},
		"201":         {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); fmt.Fprint(w, office("c.example")) }, "201"},
		"404":         {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "Kanzlei ist nicht registriert", 404) }, "nicht registriert"},
		"500":         {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500); fmt.Fprint(w, office("c.example")) }, "500"},
		"array":       {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "["+office("c.example")+"]") }, "not a JSON object"},
		"null":        {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "null") }, "neither"},
		"nothing set": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"relayUrl":null,"connectorUrl":null}`) }, "neither"},
		"gateway only": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"securityGateway":"https://security.advo-net.net/"}`)
		}, "neither"},
		"10 MB": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"x":"`)
			for range 10 << 10 {
				if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<10)); err != nil {
					return
				}
			}
			fmt.Fprint(w, `","relayUrl":"https://c.example/"}`)
		}, "over the limit"},
		"cut": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, office("c.example"))
		}, "broke off"},
		"redirect away": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+"/x?secret=1", http.StatusFound)
		}, "a redirect to " + elsewhere.URL + ", which is not followed"},
		"redirect here": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/Url" {
				t.Error("a redirect was followed")
			}
			http.Redirect(w, r, "/other", http.StatusTemporaryRedirect)
		}, "not followed"},
		"redirect nowhere": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(302) }, "nowhere"},
		"switch": {func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
			conn.Close()
		}, "switches protocols"},
		"no HTTP": {func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			fmt.Fprint(conn, "SSH-2.0\r\n")
			conn.Close()
		}, "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := serve(t, c.handler)
			_, err := open(t, cfg).Find(t.Context())
			var e *discovery.Error
			if !errors.As(err, &e) || !errors.Is(err, discovery.ErrNoAddress) || !strings.Contains(err.Error(), c.want) ||
				!strings.Contains(err.Error(), "ADVOWARE_DISCOVERY") || !strings.Contains(err.Error(), "ADVOWARE_API_BASE_URL") {
				t.Errorf("%v does not say %q", err, c.want)
			}
			if strings.Contains(err.Error(), "secret=1") || len(err.Error()) > 1000 {
				t.Errorf("%v says too much", err)
			}
			cfg.Required = false
			a, err := open(t, cfg).Find(t.Context())
			if err != nil || !a.Fallback() || a.API.String() != defaultBase || a.Token.String() != defaultToken {
				t.Errorf("%v, %v; want the defaults", a, err)
			}
		})
	}
}

func TestAnswerOfARealServer(t *testing.T) {
	cfg := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/Url" || r.Header.Get("Authorization") != "" || r.ContentLength > 0 {
			t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
		}
		fmt.Fprint(w, `{"relayUrl":"http://127.0.0.1:1/","securityGateway":"http://localhost:2"}`)
	})
	a := mustFind(t, open(t, cfg))
	if wantAPI(t, a, "http://127.0.0.1:1/"); a.Token.String() != "http://localhost:2/api/v1/Token" {
		t.Error(a.Token)
	}
}

func TestAnswerIsWaitedForNoLonger(t *testing.T) {
	for required, want := range map[bool]time.Duration{false: 3 * time.Second, true: 15 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			v := new(vendor)
			v.hangs()
			cfg := config(v)
			cfg.Required = required
			f := open(t, cfg)
			began := time.Now()
			a, err := f.Find(t.Context())
			if took := time.Since(began); took != want {
				t.Errorf("took %v, want %v", took, want)
			}
			switch {
			case !required && (err != nil || !a.Fallback()):
				t.Error(a, err)
			case required && (!errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "15s")):
				t.Error(err)
			}
			began = time.Now()
			_, _ = f.Find(t.Context())
			if took := time.Since(began); took != 0 {
				t.Errorf("the second caller waited %v", took)
			}
			wantAsked(t, v, 1)
		})
	}
}

func TestBaseThatBreaks(t *testing.T) {
	for name, does := range map[string]func(*http.Request) (*http.Response, error){
		"panic":   func(*http.Request) (*http.Response, error) { panic("no") },
		"nothing": func(*http.Request) (*http.Response, error) { return nil, nil },
		"both": func(*http.Request) (*http.Response, error) {
			return answered(200, office("c.example")), errors.New("both")
		},
		"no body": func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 200}, nil },
		"hangs":   func(*http.Request) (*http.Response, error) { time.Sleep(time.Minute); return nil, errors.New("late") },
		"body hangs": func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: stuck{}}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := new(vendor)
				v.does(does)
				cfg := config(v)
				if a := mustFind(t, open(t, cfg)); !a.Fallback() {
					t.Error(a)
				}
				cfg.Required = true
				if _, err := open(t, cfg).Find(t.Context()); !errors.Is(err, discovery.ErrNoAddress) {
					t.Error(err)
				}
				time.Sleep(2 * time.Minute)
			})
		})
	}
}

// stuck is a body that says nothing for a minute, whatever becomes of its request.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { time.Sleep(time.Minute); return 0, errors.New("late") }
func (stuck) Close() error             { return nil }
