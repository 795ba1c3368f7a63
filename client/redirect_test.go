package client_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// everyWay has the ways to make a call with a body of "1", each with its error.
var everyWay = map[string]func(w *world, method, endpoint string) error{
	"Call": func(w *world, method, endpoint string) error {
		_, err := w.Call(w.ctx(), client.Request{Method: method, Endpoint: endpoint, Body: 1})
		return err
	},
	"Decode": func(w *world, method, endpoint string) error {
		_, err := client.Decode[any](w.ctx(), w.Client, client.Request{Method: method, Endpoint: endpoint, Body: 1})
		return err
	},
	"Each": func(w *world, method, endpoint string) (last error) {
		for _, err := range client.Each[any](w.ctx(), w.Client, client.Request{Method: method, Endpoint: endpoint, Body: 1}) {
			last = err
		}
		return last
	},
	"Open": func(w *world, method, endpoint string) error {
		resp, err := client.Open(w.ctx(), w.Client, client.Request{Method: method, Endpoint: endpoint, Body: 1})
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	},
	"Do": func(w *world, method, endpoint string) error {
		return sent(w.Do, w, method, endpoint)
	},
	"HTTPClient": func(w *world, method, endpoint string) error {
		return sent(w.HTTPClient().Do, w, method, endpoint)
	},
}

func sent(do func(*http.Request) (*http.Response, error), w *world, method, endpoint string) error {
	req, err := w.NewRequest(w.ctx(), method, endpoint, nil, 1)
	if err != nil {
		return err
	}
	resp, err := do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// A write that was answered with a redirect has not been done by following it.
func TestWriteThatIsRedirected(t *testing.T) {
	statuses := []int{301, 302, 303}
	if underRace {
		statuses = statuses[:1] // for time
	}
	for way, call := range everyWay {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "MERGE", "get"} {
			for _, status := range statuses {
				for target, want := range map[string]string{
					"/employees?token=secret": "/employees", "login?u=secret#secret": "/login", "//elsewhere.test/secret": "http://elsewhere.test",
					"https://user:secret@elsewhere.test:90/x?secret": "https://elsewhere.test:90",
				} {
					w := start(t, setup{})
					w.fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/x", Status: status, RedirectTo: target})
					err := call(w, method, "/x?also=secret")
					var got *client.RedirectError
					if !errors.As(err, &got) {
						t.Fatalf("%s: %s and %d to %s: got %v, want a RedirectError", way, method, status, target, err)
					}
					if got.Method != method || got.Instead != "GET" || got.Path != "/x" || got.Status != status || got.Target != want || got.WithoutBody {
						t.Errorf("%s: %s and %d to %s: got %+v", way, method, status, target, got)
					}
					var origin *client.OriginError
					if leaves := strings.Contains(target, "elsewhere"); errors.As(err, &origin) != leaves {
						t.Errorf("%s: %s: an OriginError: %v", way, target, err)
					}
					for _, part := range []string{method, "GET", want} {
						if !strings.Contains(got.Error(), part) {
							t.Errorf("%s: the message does not name %s: %v", way, part, got)
						}
					}
					if way != "HTTPClient" && way != "Do" && strings.Contains(err.Error(), "secret") || strings.Contains(got.Error(), "secret") {
						t.Errorf("%s: message %v", way, err)
					}
					if n := w.fake.Counts().APICalls; n != 1 {
						t.Errorf("%s: %d requests, want only the one that was asked for", way, n)
					}
				}
			}
		}
	}
}

// 307 and 308 are the same request at another place.
func TestWriteThatIsRepeatedElsewhere(t *testing.T) {
	for way, call := range everyWay {
		for _, status := range []int{307, 308} {
			w := start(t, setup{})
			w.fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/x", Status: status, RedirectTo: "/" + echoPath})
			if err := call(w, "PUT", "/x"); err != nil && way != "Each" {
				t.Errorf("%s: %v", way, err)
			}
			requests := w.fake.Requests()
			if last := requests[len(requests)-1]; last.Method != "PUT" || string(last.Body) != "1" || last.Path != "/"+echoPath {
				t.Errorf("%s and %d: repeated as %s %s %q", way, status, last.Method, last.Path, last.Body)
			}
		}
	}
}

// A GET keeps its method, and would lose its body.
func TestSearchThatIsRedirected(t *testing.T) {
	for way, call := range everyWay {
		w := start(t, setup{})
		w.fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/x", RedirectTo: "/employees"})
		err := call(w, "GET", "/x")
		var got *client.RedirectError
		if !errors.As(err, &got) || !got.WithoutBody || !strings.Contains(got.Error(), "without its body") {
			t.Errorf("%s: got %v", way, err)
		}
	}
}

func TestReadThatIsRedirected(t *testing.T) {
	for _, method := range []string{"GET", "HEAD"} {
		w := start(t, setup{})
		w.fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/x", RedirectTo: "/employees"})
		if _, err := w.Call(w.ctx(), client.Request{Method: method, Endpoint: "/x"}); err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
}

// A redirect that is not followed may repeat the token.
func TestRedirectErrorDoesNotShowTheToken(t *testing.T) {
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
		return answer(req, 303, "", "Location: /y/tok-1"), nil
	})
	req, _ := http.NewRequest("POST", apiBase+"/x", strings.NewReader("1"))
	_, byDo := c.Do(req)
	_, byCall := c.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/x"})
	for _, err := range []error{byDo, byCall} {
		var got *client.RedirectError
		if !errors.As(err, &got) || strings.Contains(err.Error(), "tok-1") {
			t.Errorf("got %v", err)
		}
	}
}

// A log-in page: 200 and HTML, but behind a redirect.
func TestLoginPageBehindARedirect(t *testing.T) {
	w := start(t, setup{})
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/employees", Times: -1, RedirectTo: "/login?return=secret"})
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/login", Times: -1, Body: "<html>", Header: http.Header{"Content-Type": {"text/html"}}})
	_, byCall := w.Call(w.ctx(), client.Request{Endpoint: "/employees"})
	_, byEach := collect(t, w.Client, client.Request{Endpoint: "/employees"})
	for _, err := range []error{byCall, byEach} {
		if !errors.Is(err, client.ErrNotJSON) || !strings.Contains(err.Error(), "redirect to /login") || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v", err)
		}
	}
}
