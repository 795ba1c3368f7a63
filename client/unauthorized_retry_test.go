package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/token"
)

const echoPath = "api/v1/Echo"

func TestRevokedTokenIsReplaced(t *testing.T) {
	w := start(t, setup{})
	old := w.warm(t)
	w.fake.RevokeAll()
	before := w.fake.Counts()
	got := echo(t, w, client.Request{Method: "POST", Endpoint: echoPath, Body: strings.Repeat("ä", 50_000)})
	if want := `"` + strings.Repeat("ä", 50_000) + `"`; got.Body != want || got.Length != int64(len(want)) {
		t.Errorf("the second attempt brought %d of %d bytes", len(got.Body), len(want))
	}
	want := clienttest.Counts{TokenRequests: 1, TokensIssued: 1, APICalls: 2, Unauthorized: 1}
	if diff := cmp.Diff(want, w.since(before)); diff != "" {
		t.Error(diff)
	}
	if w.bearer() == old {
		t.Error("the store still has the revoked token")
	}
}

// The body of the first answer is read to its end, or its connection is lost.
func TestRetryReusesTheConnection(t *testing.T) {
	w := start(t, setup{})
	w.warm(t)
	connections := w.fake.Counts().Connections
	for _, size := range []int{10, 60_000} {
		w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401, Body: strings.Repeat("x", size)})
		if err := w.get(t.Context(), "/employees"); err != nil {
			t.Fatal(err)
		}
		if n := w.fake.Counts().Connections - connections; n != 0 {
			t.Errorf("%d connections more after a 401 of %d bytes", n, size)
		}
	}
}

func TestSecond401IsTheCallers(t *testing.T) {
	w := start(t, setup{})
	w.warm(t)
	before, rejects := w.fake.Counts(), w.source.Stats().Rejects
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401, Body: "first"})
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401, Body: "second"})
	resp, err := w.HTTPClient().Post(w.fake.BaseURL()+echoPath, "application/json", strings.NewReader("1"))
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(resp.Body); resp.StatusCode != 401 || string(body) != "second" || err != nil {
		t.Errorf("got %d %q, %v", resp.StatusCode, body, err)
	}
	resp.Body.Close()
	if n := w.since(before); n.APICalls != 2 || n.TokenRequests != 1 {
		t.Errorf("%+v", n)
	}
	if n := w.source.Stats().Rejects - rejects; n != 1 {
		t.Errorf("%d tokens were rejected, want 1", n)
	}
	if tok := w.bearer(); tok == "" {
		t.Error("the second token was rejected")
	}
}

// A body that cannot be sent twice is not sent twice, and not cut either.
func TestBodyThatCanBeReadOnlyOnceIsSentAgain(t *testing.T) {
	for name, body := range map[string]func() io.Reader{
		"pipe": func() io.Reader {
			r, pw := io.Pipe()
			go func() { _, err := io.WriteString(pw, "[1,2]"); pw.CloseWithError(err) }()
			return r
		},
		"reader": func() io.Reader { return io.LimitReader(strings.NewReader("[1,2] and more"), 5) },
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, setup{})
			w.warm(t)
			w.fake.RevokeAll()
			before := w.fake.Counts()
			send := func() (int, string) {
				req, err := http.NewRequest("POST", w.fake.BaseURL()+echoPath, body())
				if err != nil {
					t.Fatal(err)
				}
				resp, err := w.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				text, err := io.ReadAll(resp.Body)
				if err != nil {
					t.Fatal(err)
				}
				return resp.StatusCode, string(text)
			}
			if status, text := send(); status != 200 || !strings.Contains(text, `"body":"[1,2]"`) {
				t.Errorf("%d %s", status, text)
			}
			if n := w.since(before).APICalls; n != 2 {
				t.Errorf("%d requests, want 2", n)
			}
		})
	}
}

// A request that says its body can be had again may be wrong.
func TestGetBodyFails(t *testing.T) {
	w := start(t, setup{})
	w.warm(t)
	w.fake.RevokeAll()
	req, _ := http.NewRequest("POST", w.fake.BaseURL()+echoPath, strings.NewReader("1"))
	req.GetBody = func() (io.ReadCloser, error) { return nil, io.ErrNoProgress }
	resp, err := w.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); resp.StatusCode != 401 || len(text) == 0 || err != nil {
		t.Errorf("got %d %q, %v", resp.StatusCode, text, err)
	}
}

func TestNoTokenForTheRetry(t *testing.T) {
	for name, fault := range map[string]clienttest.Fault{
		"refused": {Status: 401}, "down": {Status: 503}, "reset": {Reset: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, setup{})
			w.warm(t)
			fault.Times = -1

			w.fake.RevokeAll()
			w.fake.Inject(fault)
			before := w.fake.Counts()
			_, err := w.Call(t.Context(), client.Request{Method: "POST", Endpoint: echoPath, Body: 1})
			var api *client.APIError
			var te *gateway.TokenError
			if !errors.As(err, &api) || api.Status != 401 || !strings.Contains(string(api.Body), "Zugriffstoken") {
				t.Fatalf("got %v; want the first answer", err)
			}
			if !errors.Is(err, client.ErrUnauthorized) || !errors.As(err, &te) || !errors.As(api.TokenErr, &te) || !oneLine(err) {
				t.Errorf("%v does not say why there was no other token", err)
			}
			if n := w.since(before); n.APICalls != 1 || n.TokenRequests != 1 {
				t.Errorf("%+v; want one request each", n)
			}

			// The same below Call, where the token is issued but not accepted.
			w = start(t, setup{})
			w.warm(t)
			w.fake.RevokeAll()
			w.fake.Inject(fault)
			resp, err := w.HTTPClient().Get(w.fake.BaseURL() + "employees")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if text, err := io.ReadAll(resp.Body); resp.StatusCode != 401 || !json.Valid(text) || err != nil {
				t.Errorf("got %d %q, %v", resp.StatusCode, text, err)
			}
		})
	}
}

// With the budget for rejections spent, Call says so.
func TestRejectBudgetSpent(t *testing.T) {
	w := start(t, setup{})
	w.warm(t)
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/bad", Status: 401, Times: -1})
	var err error
	for range 4 {
		err = w.get(t.Context(), "/bad")
		if !errors.Is(err, client.ErrUnauthorized) {
			t.Fatal(err)
		}
	}
	if !errors.Is(err, token.ErrRejectBudget) {
		t.Errorf("got %v; want ErrRejectBudget in it", err)
	}
}

// 307 keeps method and body, and the hop after it may be refused too.
func TestRetryAfterRedirect(t *testing.T) {
	w := start(t, setup{})
	w.warm(t)
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/from", Status: 307, RedirectTo: "/" + echoPath})
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/" + echoPath, Status: 401})
	calls := w.Stats().Calls
	if got := echo(t, w, client.Request{Method: "POST", Endpoint: "/from", Body: []int{1, 2}}); got.Method != "POST" || got.Body != "[1,2]" {
		t.Errorf("arrived: %s %q", got.Method, got.Body)
	}
	if n := w.Stats().Calls - calls; n != 1 {
		t.Errorf("counted as %d calls, want 1", n)
	}
}

// closeCounter counts how often a request's body is closed.
type closeCounter struct {
	io.Reader
	closed int
}

func (c *closeCounter) Close() error { c.closed++; return nil }

func TestRequestBodyIsClosed(t *testing.T) {
	down := clienttest.Fault{Status: 503, Times: -1}
	for name, tt := range map[string]struct {
		fault  *clienttest.Fault
		target string // "" is the API
		close  bool
		cancel bool
	}{
		"success":  {},
		"no token": {fault: &down},
		"401":      {fault: &clienttest.Fault{On: clienttest.API, Status: 401}},
		"network":  {fault: &clienttest.Fault{On: clienttest.API, Reset: true}},
		"foreign":  {target: "http://evil.test/"},
		"closed":   {close: true},
		"gone":     {cancel: true},
	} {
		// In a bubble, as net/http may close a body after it has the answer.
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, setup{})
				if tt.fault != nil {
					w.fake.Inject(*tt.fault)
				}
				if tt.close {
					w.Close()
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.cancel {
					cancel()
				}
				if tt.target == "" {
					tt.target = w.fake.BaseURL() + echoPath
				}
				body, again := &closeCounter{Reader: strings.NewReader("1")}, &closeCounter{Reader: bytes.NewReader([]byte("1"))}
				req, err := http.NewRequestWithContext(ctx, "POST", tt.target, body)
				if err != nil {
					t.Fatal(err)
				}
				req.ContentLength = 1
				asked := false
				req.GetBody = func() (io.ReadCloser, error) { asked = true; return again, nil }
				if resp, err := w.Do(req); err == nil {
					resp.Body.Close()
				}
				synctest.Wait()
				if body.closed == 0 {
					t.Error("the body was left open")
				}
				if asked && again.closed == 0 {
					t.Error("the body of the second attempt was left open")
				}
			})
		})
	}
}
