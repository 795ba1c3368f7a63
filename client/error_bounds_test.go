package client_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

const more = "…" // stands for what is left out

// How much an error says of each thing, however long that is: enough to find out what it was, and
// on one line of a log.
func TestErrorsSayABoundedPartOfEachThing(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"the body of an answer": {&client.APIError{Status: 500, Method: "GET", Path: "/a", Body: []byte(long)}, "client: GET /a: status 500 Internal Server Error: " + long[:200] + more},
		"an answer":             {&client.APIError{Status: 401, Method: "GET", Path: "/a", TokenErr: errors.New(long)}, ("client: GET /a: status 401 Unauthorized; no other token: " + long)[:1024] + more},
		"a call":                {&client.CallError{Method: "GET", Endpoint: "/a", Err: errors.New(long)}, ("client: GET /a: " + long)[:1024] + more},
		"a write": {&client.CallError{Method: "PUT", Endpoint: "/a", Err: errors.New(long)},
			("client: PUT /a: " + long)[:1024-len(" (it was not sent)")] + more + " (it was not sent)"},
		"a write that was sent": {&client.CallError{Method: "PUT", Endpoint: "/a", Sent: true, Err: errors.New("x")}, "client: PUT /a: x (it may have been carried out)"},
		"a HEAD":                {&client.CallError{Method: "HEAD", Endpoint: "/a", Err: errors.New("x")}, "client: HEAD /a: x"},
		"an origin":             {&client.OriginError{Origin: "o", Target: long}, "client: a request to " + long[:512] + more + " leaves the configured origin o"},
		"a redirect":            {&client.RedirectError{Status: 303, Method: "PUT", Path: long, Instead: "GET", Target: "t"}, ("client: PUT " + long)[:1024] + more},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// The path, the endpoint and the server's name for a request are cut where they come in.
func TestWhatAnErrorHasOfARequestIsBounded(t *testing.T) {
	w := start(t, setup{})
	long := strings.Repeat("x", 5000)
	got := failed(t, w, client.Request{Endpoint: "/a"}, clienttest.Fault{Status: 500, Header: http.Header{"X-Request-Id": {long}}})
	if got.RequestID != long[:100]+more {
		t.Errorf("%d bytes of the request's name", len(got.RequestID))
	}
	for endpoint, want := range map[string]string{
		"/" + long: "/" + long[:199] + more, "/a/http://b": "/a/http://b", "/a?b=http://c": "/a", "employees": "employees", "https://user:swordfish@api.test/x": "https://…",
	} {
		w.fake.Inject(clienttest.Fault{On: clienttest.API, Reset: true})
		_, err := w.Call(t.Context(), client.Request{Method: "POST", Endpoint: endpoint, Body: 1})
		w.fake.ClearFaults()
		var call *client.CallError
		if !errors.As(err, &call) || call.Endpoint != want {
			t.Errorf("%.50s: %T %.300v", endpoint, err, err)
		}
	}
	w.fake.Inject(clienttest.Fault{On: clienttest.API, RedirectTo: "/" + long, Status: http.StatusSeeOther})
	_, err := w.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/employees", Body: 1})
	var redirect *client.RedirectError
	if !errors.As(err, &redirect) || redirect.Target != "/"+long[:199]+more || redirect.Path != "/employees" || redirect.Status != 303 {
		t.Errorf("%.300v", err)
	}
}
