//go:build unix

package main_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/leaktest"
)

const canaryProxyKey = `Proxy"key\&<>%45+/'with-all-that-is-visible`

// telling is an office that shows the token which it gets wherever the proxy may quote it.
type telling struct{ tokens sync.Map }

func (o *telling) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	o.tokens.Store(token, nil)
	switch r.URL.Path {
	case "/moved": // to another server, which is refused by name
		w.Header().Set("Location", "http://"+token+".invalid/?t="+token)
		w.WriteHeader(http.StatusFound)
	case "/header": // net/http quotes what it cannot read
		raw(w, "HTTP/1.1 200 OK\r\n"+token+"\r\n\r\n")
	case "/status":
		raw(w, "HTTP/1.1 "+token+"\r\n\r\n")
	case "/chunk":
		raw(w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+token+"\r\n")
	case "/length":
		raw(w, "HTTP/1.1 200 OK\r\nContent-Length: "+token+"\r\n\r\n")
	case "/refused":
		http.Error(w, "no: "+token, http.StatusUnauthorized)
	default:
		_, _ = io.WriteString(w, "[]")
	}
}

func raw(w http.ResponseWriter, text string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_, _ = io.WriteString(conn, text)
		_ = conn.Close()
	}
}

// What the proxy says by itself, what it logs and what its admin port shows have no secret,
// whatever the office and the callers do. What an office answers is the office's.
func TestProxyCanary(t *testing.T) {
	t.Parallel()
	key := base64.StdEncoding.EncodeToString([]byte(canaryRawKey))
	fake := clienttest.Start(t, clienttest.Options{Password: canaryPassword, APIKey: key})
	tells := new(telling)
	office := httptest.NewServer(tells)
	t.Cleanup(office.Close)
	keys := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(keys, []byte(canaryProxyKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var seen strings.Builder
	for name, more := range map[string][]string{"good": nil, "wrong password": {"ADVOWARE_PASSWORD=" + canaryWrong}} {
		for _, format := range []string{"text", "json"} {
			seen.WriteString(proxiedCanary(t, env(fake.Env(), []string{"ADVOWARE_API_BASE_URL=" + office.URL + "/"}, more), keys, format, name == "good"))
		}
	}
	secrets := []string{canaryPassword, canaryWrong, canaryRawKey, key, canaryProxyKey}
	for token := range tells.tokens.Range {
		secrets = append(secrets, token.(string), token.(string)[:40], token.(string)[len(token.(string))-40:])
	}
	if len(secrets) < 8 {
		t.Fatalf("%d secrets: no token was issued", len(secrets))
	}
	if form, found := leaktest.Find(seen.String(), secrets...); found {
		t.Errorf("shown as %q", form)
	}
	for _, s := range secrets { // the control
		if _, found := leaktest.Find(seen.String()+fmt.Sprintf("%q", s), s); !found {
			t.Errorf("%.10q… is planted, and not found", s)
		}
	}
}

// proxiedCanary returns all that a proxy shows in a life.
func proxiedCanary(t *testing.T, vars []string, keys, format string, good bool) string {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	p := begin(t, vars, func(cmd *exec.Cmd) { cmd.Stdout = write }, "proxy", "--store=memory", "--addr=127.0.0.1:0", "--admin=127.0.0.1:0",
		"--key-file="+keys, "--allow=/", "--log-level=debug", "--log-format="+format, "--stats")
	write.Close()
	var seen strings.Builder
	at := make(map[string]string)
	for lines := bufio.NewScanner(read); len(at) < 2 && lines.Scan(); {
		seen.WriteString(lines.Text() + "\n")
		name, value, _ := strings.Cut(lines.Text(), "=")
		at[name] = value
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ask := func(url, key string) (own bool) {
		req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Advoware-Proxy-Key", key)
		resp, err := client.Do(req)
		if err != nil {
			seen.WriteString(err.Error())
			return false
		}
		defer resp.Body.Close()
		own = resp.Header.Get("Advoware-Proxy-Error") != "" || !strings.HasPrefix(url, at["ADVOWARE_PROXY_URL"])
		if body, _ := io.ReadAll(resp.Body); own {
			fmt.Fprintf(&seen, "%s %v %s\n", resp.Status, resp.Header, body)
		}
		return own
	}
	for path, own := range map[string]bool{"employees": !good, "moved": true, "header": true, "status": true, "length": true, "refused": !good, "chunk": !good, "a%2Fb": true} {
		if got := ask(at["ADVOWARE_PROXY_URL"]+path, canaryProxyKey); got != own {
			t.Errorf("%s: answered by the proxy itself: %v", path, got)
		}
		if !ask(at["ADVOWARE_PROXY_URL"]+path+"?"+path, canaryProxyKey+"x") {
			t.Errorf("%s: served with a wrong key", path)
		}
	}
	for _, path := range []string{"", "readyz?verbose", "metrics", "debug/status"} {
		ask(at["ADVOWARE_PROXY_ADMIN_URL"]+path, "")
	}
	p.end(t, syscall.SIGTERM)
	logged := p.errs.String()
	if !strings.Contains(logged, "DEBUG") {
		t.Error("nothing is logged at debug level: the canary is dead")
	}
	return seen.String() + logged
}
