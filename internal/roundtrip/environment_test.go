package roundtrip_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/roundtrip"
)

// A proxy variable that net/http can make nothing of does not count as absent: what is
// around it is taken off, and the rest is an error that names it and shows none of it.
func TestProxyVariableThatIsUnusable(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	defer proxy.Close()
	at := strings.TrimPrefix(proxy.URL, "http://")
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		for value, usable := range map[string]bool{
			"http://user:hunter2@" + at + "\n":   true,
			"http://user:hunter2@" + at + "\r\n": true,
			" http://user:hunter2@" + at + " ":   true,
			at + "\n":                            true,
			"http://user:hun ter2@" + at:         false,
			"http://user:hunter2%@" + at:         false,
			"http://user:hunter2@" + at + "x":    false,
			"http://user:hun\nter2@" + at:        false,
			"ftp://user:hunter2@" + at:           false,
			"http://":                            false,
			"://hunter2":                         false,
		} {
			for _, other := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"} {
				t.Setenv(other, "")
			}
			t.Setenv(name, value)
			target := "https://www2.invalid:90/x"
			if strings.EqualFold(name, "HTTP_PROXY") {
				target = "http://www2.invalid:90/x"
			}
			send := func() (int, error) {
				req, _ := http.NewRequest("GET", target, nil)
				resp, err := roundtrip.Exchange(roundtrip.New(roundtrip.Options{AllowInsecure: true}), req)
				if err != nil {
					return 0, err
				}
				defer resp.Body.Close()
				_, _ = io.Copy(io.Discard, resp.Body)
				return resp.StatusCode, nil
			}
			status, err := send()
			refused := new(roundtrip.ProxyError)
			if errors.As(err, &refused) {
				status = refused.Status
			}
			switch {
			case usable && status != http.StatusTeapot:
				t.Errorf("%s=%q: %d, %v; want the answer of the proxy", name, value, status, err)
			case !usable && (err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "hun")):
				t.Errorf("%s=%q: %d, %v; want an error that names the variable only", name, value, status, err)
			}
			if name != "HTTPS_PROXY" || !strings.HasSuffix(value, "x") && !strings.HasSuffix(value, "\r\n") {
				continue
			}
			for _, list := range []string{"*", "www2.invalid", "a, .invalid", "*.invalid:90", "WWW2.INVALID:90"} {
				t.Setenv("NO_PROXY", list)
				if status, err := send(); err == nil || status != 0 || !strings.Contains(err.Error(), "lookup") && !strings.Contains(err.Error(), "dial") || strings.Contains(err.Error(), at) {
					t.Errorf("%s=%q, NO_PROXY=%s: %d, %v; want it past the proxy", name, value, list, status, err)
				}
			}
			for _, list := range []string{"www3.invalid", "2.invalid", "www2.invalid:91", "10.0.0.0/8", ",", "127.0.0.1"} {
				t.Setenv("NO_PROXY", list)
				if again, againErr := send(); (again == http.StatusTeapot) != (status == http.StatusTeapot && err == nil) && (againErr == nil) != (err == nil) {
					t.Errorf("%s=%q, NO_PROXY=%s: %d, %v; want it as without", name, value, list, again, againErr)
				}
			}
		}
	}
}
