package client_test

import (
	"net/http"
	"strings"
	"testing"
)

// Do closes the body of what it refuses, as http.Client does.
func TestDoClosesTheBodyOfWhatItRefuses(t *testing.T) {
	c := stubbed(t, apiBase, func(*http.Request) (*http.Response, error) { panic("sent") })
	for name, change := range map[string]func(*http.Request){
		"no URL":         func(r *http.Request) { r.URL = nil },
		"a server's":     func(r *http.Request) { r.RequestURI = "/x" },
		"another origin": func(r *http.Request) { r.URL.Host = "evil.test" },
	} {
		body := &closeCounter{Reader: strings.NewReader("x")}
		req, err := http.NewRequestWithContext(t.Context(), "POST", apiBase+"x", body)
		if err != nil {
			t.Fatal(err)
		}
		change(req)
		if _, notSent := c.Do(req); notSent == nil || body.closed != 1 {
			t.Errorf("%s: %v, closed %d times", name, notSent, body.closed)
		}
	}
}

// A request without a method is a GET, which is followed as one.
func TestDoWithoutAMethodFollowsARedirect(t *testing.T) {
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
		if req.URL.Path == "/x" {
			return answer(req, 302, "", "Location: /y"), nil
		}
		return answer(req, 200, ""), nil
	})
	for name, do := range map[string]func(*http.Request) (*http.Response, error){"Do": c.Do, "HTTPClient": c.HTTPClient().Do} {
		resp, err := do(&http.Request{URL: parse(t, apiBase+"x"), Header: http.Header{}})
		if err := closed(resp, err); err != nil || resp.Request.URL.Path != "/y" {
			t.Errorf("%s: %v, %v", name, resp, err)
		}
	}
}
