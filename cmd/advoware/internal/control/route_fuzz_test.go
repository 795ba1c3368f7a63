package control_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/cmd/advoware/internal/control"
)

// FuzzBody: whatever is sent as a fault, an observer, options or a discovery, the answer is JSON,
// and what is refused has changed nothing.
func FuzzBody(f *testing.F) {
	bodies := []struct{ method, path string }{{"POST", "faults"}, {"POST", "observers"}, {"PATCH", "options"}, {"PUT", "discovery"}}
	for at := range bodies {
		for _, body := range []string{
			`{}`, `{"on":"api","status":503,"times":2,"name":"x"}`, `{"on":"api","status":99}`, `{"On":"api"}`, `{"on":"api","on":"token"}`, `[1]`, `null`, ``, `{"times":-9}`,
			`{"latency_ms":1e400}`, `{"rows":-1}`, `{"status":200,"body":"\ud800"}`, `{"headers":{"A":"b\r\nC: d"}}`, `{"path":"/x","method":"GET"} x`, `{"api":"https://a.example:90/","security":"https://s.example/"}`,
		} {
			f.Add(uint8(at), body, "")
		}
	}
	fake, err := clienttest.New(clienttest.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { fake.Close() })
	s, err := control.Start(fake, "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(s.Close)
	ask := func(t *testing.T, method, path, query, body string) *httptest.ResponseRecorder {
		t.Helper()
		r := httptest.NewRequest(method, s.URL()+path, strings.NewReader(body))
		r.URL.RawQuery = query
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if text := w.Body.Bytes(); w.Code >= 500 || len(text) > 0 && !json.Valid(text) {
			t.Fatalf("%s %s with %q: %d %s", method, path, body, w.Code, text)
		}
		return w
	}
	state := func(t *testing.T) (all string) {
		for _, path := range []string{"faults", "observers", "options", "discovery"} {
			all += path + ask(t, "GET", path, "", "").Body.String()
		}
		return all
	}
	f.Fuzz(func(t *testing.T, at uint8, body, query string) {
		if _, err := url.ParseQuery(query); err != nil {
			query = ""
		}
		before := state(t)
		to := bodies[int(at)%len(bodies)]
		w := ask(t, to.method, to.path, query, body)
		switch after := state(t); {
		case w.Code >= http.StatusBadRequest && after != before:
			t.Errorf("%s %s with %q was refused (%s), and has changed\n%s\nto\n%s", to.method, to.path, body, w.Body, before, after)
		case w.Code >= 300 && w.Code < 400:
			t.Errorf("%s %s: %d", to.method, to.path, w.Code)
		}
		ask(t, "DELETE", "faults", "", "")
		ask(t, "DELETE", "observers", "", "")
	})
}
