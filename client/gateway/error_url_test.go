package gateway_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
)

// Each failure names the address that was asked; one that looks like a wrong address says
// what was expected there.
func TestFailureNamesTheURLAndWhatWasExpectedThere(t *testing.T) {
	const url = "https://gateway.test/wrong/place"
	for name, tt := range map[string]struct {
		answer roundTripper
		kind   gateway.Kind
		hint   bool
		words  []string
	}{
		"404":           {answer(404, ""), gateway.Outage, true, nil},
		"405":           {answer(405, "", "Allow: GET"), gateway.Outage, true, nil},
		"301":           {answer(301, "", "Location: https://elsewhere.test:8443/login?secret=x"), gateway.Malformed, true, []string{"https://elsewhere.test:8443"}},
		"302, userinfo": {answer(302, "", "Location: https://user:secret@elsewhere.test/"), gateway.Malformed, true, []string{"https://elsewhere.test"}},
		"303, relative": {answer(303, "", "Location: /login?secret=x"), gateway.Malformed, true, []string{"https://gateway.test"}},
		"307":           {answer(307, "", "Location: //elsewhere.test/secret"), gateway.Malformed, true, []string{"https://elsewhere.test"}},
		"308, nowhere":  {answer(308, ""), gateway.Malformed, true, []string{"nowhere"}},
		"308, broken":   {answer(308, "", "Location: https://[secret"), gateway.Malformed, true, []string{"nowhere"}},
		"304":           {answer(304, ""), gateway.Malformed, true, nil},
		"200, HTML":     {answer(200, "<html>"), gateway.Malformed, true, nil},
		"200, no token": {answer(200, "{}"), gateway.Malformed, true, nil},
		"201":           {answer(201, "{}"), gateway.Malformed, true, nil},
		"503":           {answer(503, ""), gateway.Outage, false, nil},
		"401":           {answer(401, "falsch"), gateway.Refused, false, []string{"falsch"}},
		"no answer":     {func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }, gateway.Outage, false, []string{"connection refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := stubbed(t, tt.answer)
			cfg.URL = url
			e := failed(t, open(t, cfg), tt.kind)
			text := e.Error()
			if e.URL != url || !strings.Contains(text, url) || strings.Contains(text, "api/v1/Token") != tt.hint || strings.Contains(text, "secret") {
				t.Errorf("%s", text)
			}
			for _, word := range tt.words {
				if !strings.Contains(text, word) {
					t.Errorf("%s does not say %q", text, word)
				}
			}
		})
	}
}

// slowNet is how the net package says that time ran out.
type slowNet struct{}

func (slowNet) Error() string   { return "i/o timeout" }
func (slowNet) Timeout() bool   { return true }
func (slowNet) Temporary() bool { return true }

func TestGatewayThatDoesNotAnswerIsAnOutageThatSaysTimeout(t *testing.T) {
	for name, base := range map[string]roundTripper{
		"hangs":   func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() },
		"network": func(*http.Request) (*http.Response, error) { return nil, &net.OpError{Op: "dial", Err: slowNet{}} },
		"body": func(r *http.Request) (*http.Response, error) {
			return response(200, stuck{strings.NewReader("{"), r.Context()}), nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := failed(t, open(t, stubbed(t, base)), gateway.Outage)
				var n net.Error
				if !errors.As(e, &n) || !n.Timeout() || !(&url.Error{Err: e}).Timeout() || !errors.Is(e, context.DeadlineExceeded) {
					t.Errorf("%v does not say that time ran out", e)
				}
			})
		})
	}
	e := failed(t, open(t, stubbed(t, answer(503, ""))), gateway.Outage)
	if e.Timeout() || errors.Is(e, context.DeadlineExceeded) || !e.Temporary() {
		t.Errorf("%v says that time ran out", e)
	}
}

// deaf is a body that does not heed its request's context, but being closed.
type deaf struct{ closed chan struct{} }

func (d deaf) Read([]byte) (int, error) { <-d.closed; return 0, io.ErrClosedPipe }
func (d deaf) Close() error             { close(d.closed); return nil }

// What is no answer is an error at once, and no body is read without a bound.
func TestAnswerThatIsNoneIsAnErrorInTime(t *testing.T) {
	for name, base := range map[string]func() (*http.Response, error){
		"switching protocols": func() (*http.Response, error) {
			return &http.Response{StatusCode: 101, Header: http.Header{}, Body: deaf{make(chan struct{})}}, nil
		},
		"neither answer nor error": func() (*http.Response, error) { return nil, nil },
		"no body":                  func() (*http.Response, error) { return &http.Response{StatusCode: 200}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				_, err := open(t, stubbed(t, func(*http.Request) (*http.Response, error) { return base() })).Fetch(t.Context())
				var e *gateway.TokenError
				if !errors.As(err, &e) || time.Since(began) != 0 {
					t.Errorf("%v after %v", err, time.Since(began))
				}
			})
		})
	}
	t.Run("body that never ends", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			cfg := stubbed(t, func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Header: http.Header{}, Body: &once{deaf{make(chan struct{})}, false}}, nil
			})
			failed(t, open(t, cfg), gateway.Outage)
			if time.Since(began) != gateway.DefaultTimeout {
				t.Errorf("after %v", time.Since(began))
			}
		})
	})
}

// once is a deaf that may be closed again.
type once struct {
	deaf
	closed bool
}

func (o *once) Close() error {
	if o.closed {
		return nil
	}
	o.closed = true
	return o.deaf.Close()
}

func TestDateThatNoClockSaysIsNotBelieved(t *testing.T) {
	for _, date := range []string{"Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "tomorrow", ""} {
		requests := 0
		cfg := stubbed(t, func(*http.Request) (*http.Response, error) {
			requests++
			return response(401, strings.NewReader("falsch"), "Date: "+date), nil
		})
		if failed(t, open(t, cfg), gateway.Refused); requests != 1 {
			t.Errorf("Date %q: %d requests", date, requests)
		}
	}
}

func TestByteOrderMarkIsNoPartOfTheDetail(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	fake.Inject(clienttest.Fault{Status: 503, Body: "\xef\xbb\xbf{\"message\":\"gesperrt\"}"})
	if e := failed(t, open(t, account(t, fake)), gateway.Outage); e.Detail != `{"message":"gesperrt"}` {
		t.Errorf("detail %q", e.Detail)
	}
}
