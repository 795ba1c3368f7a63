package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/advoware-go/advoware/client"
	issent "github.com/advoware-go/advoware/internal/sent"
)

// A request whose answer breaks off was sent, whatever the error in the answer says: it may be that
// of another request.
func TestCallWhoseAnswerSaysThatItWasNotSent(t *testing.T) {
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
		resp := answer(req, 200, "")
		resp.Body, resp.ContentLength = io.NopCloser(iotest.ErrReader(&client.RequestError{Err: errors.New("another one")})), -1
		return resp, nil
	})
	_, err := c.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/a", Body: 1})
	if notSent, maybe := outcomes(err); notSent || !maybe || !strings.Contains(err.Error(), "another one") {
		t.Errorf("%v: not sent %v, maybe done %v", err, notSent, maybe)
	}
}

// gone is a body that cannot be written, because of an error that says that it may be done.
type gone struct{}

func (gone) MarshalJSON() ([]byte, error) { return nil, &client.APIError{Status: 503} }

// A write that a Transport by itself follows to where it is shown has been done.
func TestWriteThatIsFollowed(t *testing.T) {
	tr := &client.Transport{Source: newSource(t, "tok-1"), Origin: parse(t, apiBase), Logger: new(logs).logger(),
		Base: roundTrip(func(req *http.Request) (*http.Response, error) {
			if req.Method == "POST" {
				return answer(req, 303, "", "Location: /made"), nil
			}
			return answer(req, 200, ""), nil
		})}
	if err := closed((&http.Client{Transport: tr}).Post(apiBase+"a", "text/plain", strings.NewReader("x"))); err != nil {
		t.Error(err)
	}
}

// A request that cannot be built was not sent, whatever the error of its body says.
func TestCallWhoseBodySaysThatItMayBeDone(t *testing.T) {
	c := stubbed(t, apiBase, func(*http.Request) (*http.Response, error) { panic("sent") })
	_, err := c.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/a", Body: gone{}})
	call, ok := errors.AsType[*client.CallError](err)
	if notSent, maybe := outcomes(err); !ok || call.Endpoint != "/a" || !notSent || maybe {
		t.Errorf("%v: not sent %v, maybe done %v", err, notSent, maybe)
	}
}

// A read that was redirected, and then not sent, was not carried out: there was no write before it.
func TestReadThatIsRedirectedAndNotSent(t *testing.T) {
	for _, method := range []string{"", "GET", "HEAD", "OPTIONS"} {
		tr := &client.Transport{Source: newSource(t, "tok-1"), Origin: parse(t, apiBase), Logger: new(logs).logger(),
			Base: roundTrip(func(req *http.Request) (*http.Response, error) {
				if req.URL.Path == "/a" {
					return answer(req, 302, "", "Location: /b"), nil
				}
				return nil, issent.Not(errors.New("no connection"))
			})}
		err := closed((&http.Client{Transport: tr}).Do(&http.Request{Method: method, URL: parse(t, apiBase+"a"), Header: http.Header{}}))
		if notSent, maybe := outcomes(err); !notSent || maybe {
			t.Errorf("%q: %v: not sent %v, maybe done %v", method, err, notSent, maybe)
		}
	}
}

// What is wrong is said in so many words.
func TestWordsOfErrors(t *testing.T) {
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) { return answer(req, 200, "<html>"), nil })
	call := func(r client.Request) error { _, err := c.Call(t.Context(), r); return err }
	each := func(r client.Request) error { _, err := collect(t, c, r); return err }
	list := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) { return answer(req, 200, `{"a":1}`), nil })
	_, missing := collect(t, list, client.Request{Endpoint: "/a", Field: "b"})
	_, ofField := client.Open(t.Context(), c, client.Request{Endpoint: "/a", Field: "b"})
	var none context.Context
	_, noContext := c.Call(none, client.Request{})
	_, noClient := new(client.Client).Call(t.Context(), client.Request{})
	for _, tt := range []struct {
		err         error
		says, spare string
	}{
		{call(client.Request{Endpoint: "/a"}), "status 200", "redirect"},
		{call(client.Request{Endpoint: "/a"}), "status 200", "packed"},
		{each(client.Request{Endpoint: "/a"}), "status 200", "redirect"},
		{call(client.Request{Endpoint: "/a", MaxAnswer: 2}), "GET /a: client: the answer is too long", "reading"},
		{missing, `no field "b"`, "decoding"},
		{&client.OriginError{Origin: "a", Target: "b"}, "a request to b", "redirect"},
		{&client.OriginError{Origin: "a", Target: "b", Redirect: true}, "a redirect to b", "request"},
		{closed(c.Do(nil)), "the request is nil", ""},
		{noContext, "the context is nil", ""},
		{ofField, "cannot look for a Field", ""},
		{noClient, "the Client is nil", ""},
		{closed((*client.Client)(nil).Do(newRequest(t.Context()))), "the Client is nil", ""},
		{&client.RedirectError{Status: 302, Method: "PUT", Path: "/a", Instead: "GET", Target: "/b"}, "a GET would be sent", "without"},
		{&client.RedirectError{Status: 302, Method: "GET", Path: "/a", Instead: "GET", WithoutBody: true, Target: "/b"}, "a GET without its body would", ""},
		{client.Delete(t.Context(), list, "/a", client.WithField("b")), `no field "b"`, ""},
		{closed(c.Do(&http.Request{})), "no URL", ""},
	} {
		if tt.err == nil || !strings.Contains(tt.err.Error(), tt.says) || tt.spare != "" && strings.Contains(tt.err.Error(), tt.spare) {
			t.Errorf("%v: want %q in it, and not %q", tt.err, tt.says, tt.spare)
		}
	}
}

// When a call is over, its answer is closed, and nothing waits for its time to be up.
func TestCallLeavesNothing(t *testing.T) {
	for status, want := range map[int]error{200: nil, 404: client.ErrNotFound, 401: client.ErrUnauthorized} {
		var ctx context.Context
		var open []*closeCounter
		c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
			ctx = req.Context()
			resp := answer(req, status, "")
			open = append(open, &closeCounter{Reader: strings.NewReader("[1]")})
			resp.Body = open[len(open)-1]
			return resp, nil
		})
		for way, call := range map[string]func() error{
			"Call": func() error { _, err := c.Call(t.Context(), client.Request{}); return err },
			"Each": func() error { _, err := collect(t, c, client.Request{}); return err },
		} {
			if err := call(); !errors.Is(err, want) || ctx.Err() == nil {
				t.Errorf("%s, %d: %v; its context: %v", way, status, err, ctx.Err())
			}
			for _, body := range open {
				if body.closed == 0 {
					t.Errorf("%s, %d: the answer was left open", way, status)
				}
			}
		}
	}
}

// A call whose redirect was answered, and that then got no further, was not carried out.
func TestCallThatEndsAfterARedirect(t *testing.T) {
	for name, end := range map[string]func(*client.Client){
		"closed":   func(c *client.Client) { _ = c.Close() },
		"no token": func(c *client.Client) { c.Source().Close() },
	} {
		var c *client.Client
		c = stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
			end(c)
			return answer(req, 307, "", "Location: /b"), nil
		})
		_, err := c.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/a", Body: 1})
		call, ok := errors.AsType[*client.CallError](err)
		if notSent, maybe := outcomes(err); !ok || call.Sent || !notSent || maybe {
			t.Errorf("%s: %v: not sent %v, maybe done %v", name, err, notSent, maybe)
		}
	}
}
