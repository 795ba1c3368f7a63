package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/lease"
)

// failed fetches, expects a failure of one kind and returns it.
func failed(t *testing.T, g *gateway.Gateway, want gateway.Kind) *gateway.TokenError {
	t.Helper()
	tok, err := g.Fetch(t.Context())
	return judge(t, tok.IsZero(), err, want)
}

func judge(t *testing.T, zero bool, err error, want gateway.Kind) *gateway.TokenError {
	t.Helper()
	var e *gateway.TokenError
	if !errors.As(err, &e) || !zero {
		t.Fatalf("got %v (no token: %v), want a TokenError", err, zero)
	}
	for kind, sentinel := range map[gateway.Kind]error{
		gateway.Outage: gateway.ErrOutage, gateway.Refused: gateway.ErrRefused, gateway.Malformed: gateway.ErrMalformed,
	} {
		wrapped := fmt.Errorf("outer: %w", err)
		if errors.Is(wrapped, sentinel) != (kind == want) || (e.Kind == kind) != (kind == want) {
			t.Errorf("%v is of kind %v, want %v", err, e.Kind, want)
		}
	}
	f := gateway.Errors{}.Classify(fmt.Errorf("outer: %w", err))
	if f.Refused != (want == gateway.Refused) || f.Pause != e.RetryAfter && e.Reason != reason.NotConnected || f.Reason != e.Reason.Word() {
		t.Errorf("Classify of %v: %+v", err, f)
	}
	if text := err.Error(); !strings.HasPrefix(text, "gateway: "+want.String()) || strings.ContainsAny(text, "\r\n") {
		t.Errorf("message %q", text)
	}
	return e
}

func TestKindOfEachStatus(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	g := open(t, account(t, fake))
	for status, want := range map[int]gateway.Kind{
		201: gateway.Malformed, 202: gateway.Malformed, 204: gateway.Malformed, 206: gateway.Malformed,
		300: gateway.Malformed, 304: gateway.Malformed,
		400: gateway.Refused, 401: gateway.Refused, 403: gateway.Refused,
		404: gateway.Outage, 405: gateway.Outage, 408: gateway.Outage, 429: gateway.Outage,
		500: gateway.Outage, 502: gateway.Outage, 503: gateway.Outage, 504: gateway.Outage, 599: gateway.Outage,
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			before := fake.Counts().TokenRequests
			fake.Inject(clienttest.Fault{Status: status})
			e := failed(t, g, want)
			if e.Status != status || !strings.Contains(e.Error(), fmt.Sprintf(": %d", status)) {
				t.Errorf("status %d: %v", e.Status, e)
			}
			if n := fake.Counts().TokenRequests - before; n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
	fetch(t, g) // none of that has harmed it
}

func TestMessage(t *testing.T) {
	for want, e := range map[string]*gateway.TokenError{
		"gateway: gateway down":                                    {},
		"gateway: gateway down: 599":                               {Status: 599},
		"gateway: token request refused: 401 Unauthorized: falsch": {Kind: gateway.Refused, Status: 401, Detail: "falsch"},
		"gateway: malformed token response: no access_token":       {Kind: gateway.Malformed, Status: 200, Err: errors.New("no access_token")},
	} {
		if got := e.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if f := (gateway.Errors{}).Classify(errors.New("other")); f != (lease.Failure{}) {
		t.Error("another error was classified")
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Now().Add(-7 * time.Hour).Truncate(time.Second) // a gateway whose clock is wrong
	at := func(d time.Duration) string { return now.Add(d).UTC().Format(http.TimeFormat) }
	for header, want := range map[string]time.Duration{
		"120": 2 * time.Minute, "0": 0, "1": time.Second, "2147483647": 2147483647 * time.Second,
		at(90 * time.Second): 90 * time.Second, at(0): 0, at(-time.Hour): 0,
		"": 0, "-5": 0, "+5": 0, "1.5": 0, "soon": 0, "1m": 0, at(time.Hour)[:20]: 0, "-99999999999999999999": 0,
		" 120 ": 2 * time.Minute, "\t7": 7 * time.Second, "4294967296": 4294967296 * time.Second, "000000000000000000000000120": 2 * time.Minute,
		"9999999999": math.MaxInt64, "9223372036854775807": math.MaxInt64, "9223372036854775808": math.MaxInt64,
		"99999999999999999999": math.MaxInt64, strings.Repeat("9", 5000): math.MaxInt64,
		"Fri, 31 Dec 9999 23:59:59 GMT": math.MaxInt64, "Thu, 01 Jan 1970 00:00:00 GMT": 0,
	} {
		for _, status := range []int{429, 503, 401} {
			cfg := stubbed(t, answer(status, "", "Retry-After: "+header, dated(now)))
			_, err := open(t, cfg).Fetch(t.Context())
			if got := (gateway.Errors{}).Classify(err).Pause; got != want {
				t.Errorf("%d %q: %v, want %v", status, header, got, want)
			}
		}
	}
	synctest.Test(t, func(t *testing.T) {
		header := time.Now().Add(time.Minute).UTC().Format(http.TimeFormat)
		e := failed(t, open(t, stubbed(t, answer(503, "", "Retry-After: "+header))), gateway.Outage)
		if e.RetryAfter != time.Minute {
			t.Errorf("without Date: %v", e.RetryAfter)
		}
	})
}

func TestNoRedirectIsFollowed(t *testing.T) {
	fake, target := clienttest.Start(t, clienttest.Options{}), clienttest.Start(t, clienttest.Options{})
	g := open(t, account(t, fake))
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{target.TokenURL(), fake.TokenURL(), "/api/v1/Token"} {
			before := fake.Counts().TokenRequests
			fake.Inject(clienttest.Fault{Status: status, RedirectTo: to})
			if e := failed(t, g, gateway.Malformed); e.Status != status {
				t.Errorf("status %d: %v", e.Status, e)
			}
			if n := fake.Counts().TokenRequests - before; n != 1 {
				t.Errorf("%d to %s: %d requests", status, to, n)
			}
		}
	}
	if c := target.Counts(); c.Connections != 0 {
		t.Errorf("the target of the redirects saw %+v", c)
	}
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := inMemory(t)
		for configured, want := range map[time.Duration]time.Duration{0: 30 * time.Second, 7 * time.Second: 7 * time.Second} {
			cfg := account(t, fake)
			cfg.Timeout = configured
			fake.Inject(clienttest.Fault{Hang: true})
			before := time.Now()
			e := failed(t, open(t, cfg), gateway.Outage)
			if took := time.Since(before); took != want || e.Status != 0 {
				t.Errorf("gave up after %v with status %d, want %v", took, e.Status, want)
			}
			if !errors.Is(e, context.DeadlineExceeded) || !strings.Contains(e.Error(), "no answer in time") {
				t.Errorf("%v", e)
			}
		}
	})
}

// stuck is a body that ends with the request's context, after some text.
type stuck struct {
	io.Reader
	ctx context.Context
}

func (s stuck) Read(p []byte) (int, error) {
	if n, err := s.Reader.Read(p); err == nil {
		return n, nil
	}
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func TestTimeoutIncludesTheBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for status, kind := range map[int]gateway.Kind{200: gateway.Outage, 401: gateway.Refused, 503: gateway.Outage} {
			cfg := stubbed(t, func(r *http.Request) (*http.Response, error) {
				return response(status, stuck{strings.NewReader(`{"access_token":"token"`), r.Context()}), nil
			})
			before := time.Now()
			e := failed(t, open(t, cfg), kind)
			if took := time.Since(before); took != 30*time.Second || e.Status != status || e.Detail != "" {
				t.Errorf("%d: %v, detail %q, after %v", e.Status, e, e.Detail, took)
			}
			if status == 200 && !strings.Contains(e.Error(), "no answer in time") {
				t.Errorf("it does not say whose deadline it was: %v", e)
			}
		}
	})
}

func TestCallersContext(t *testing.T) {
	for name, test := range map[string]struct {
		context func(context.Context) (context.Context, context.CancelFunc)
		want    []error
		after   time.Duration
	}{
		"deadline": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 5*time.Second)
		}, []error{context.DeadlineExceeded}, 5 * time.Second},
		"cancelled": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(5*time.Second, cancel)
			return ctx, cancel
		}, []error{context.Canceled}, 5 * time.Second},
		"cancelled for a reason": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(5*time.Second, func() { cancel(errors.New("closing time")) })
			return ctx, func() { cancel(nil) }
		}, []error{context.Canceled}, 5 * time.Second},
		"cancelled before": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx, cancel
		}, []error{context.Canceled}, 0},
		"later than the timeout": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Hour)
		}, []error{context.DeadlineExceeded}, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := inMemory(t)
				fake.Inject(clienttest.Fault{Hang: true})
				ctx, cancel := test.context(t.Context())
				defer cancel()
				before := time.Now()
				tok, err := open(t, account(t, fake)).Fetch(ctx)
				if took := time.Since(before); took != test.after {
					t.Errorf("returned after %v, want %v", took, test.after)
				}
				judge(t, tok.IsZero(), err, gateway.Outage)
				for _, want := range test.want {
					if !errors.Is(err, want) {
						t.Errorf("%v does not match %v", err, want)
					}
				}
			})
		})
	}
}

func TestNobodyListens(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	g := open(t, account(t, fake))
	fake.Close()
	if e := failed(t, g, gateway.Outage); e.Status != 0 || !errors.Is(e, syscall.ECONNREFUSED) {
		t.Errorf("%v", e)
	}
}

// A request that may have arrived is not sent again, whatever the transport knows
// about the connection.
func TestConnectionIsLost(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	g := open(t, account(t, fake))
	for range 2 { // on a new connection and on a used one
		before := fake.Counts().TokenRequests
		fake.Inject(clienttest.Fault{Reset: true})
		if e := failed(t, g, gateway.Outage); e.Status != 0 || e.Err == nil {
			t.Errorf("%v", e)
		}
		if n := fake.Counts().TokenRequests - before; n != 1 {
			t.Errorf("%d requests", n)
		}
		fetch(t, g)
	}
}

func TestAnswerBreaksOff(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	g := open(t, account(t, fake))
	fake.Inject(clienttest.Fault{Cut: true})
	if e := failed(t, g, gateway.Outage); e.Status != 200 || !errors.Is(e, io.ErrUnexpectedEOF) {
		t.Errorf("%d: %v", e.Status, e)
	}
	fake.Inject(clienttest.Fault{Cut: true, Status: 401})
	if e := failed(t, g, gateway.Refused); e.Status != 401 || e.Detail != "" {
		t.Errorf("%d: %v", e.Status, e)
	}
	fake.Inject(clienttest.Fault{Malformed: true})
	failed(t, g, gateway.Malformed)
	fetch(t, g)
}

// The host of a redirect's target is shown, unless it is made of a secret.
func TestRedirectTargetDoesNotShowSecrets(t *testing.T) {
	for location, shown := range map[string]string{
		"https://Sw0rd-Fish.evil.example/":  "",
		"//sw0rd%2Dfish.evil.example/x":     "",
		"https://u:sw0rd-fish@evil.example": "https://evil.example",
	} {
		cfg := stubbed(t, answer(302, "", "Location: "+location))
		cfg.Password = secret.New("sw0rd-fish")
		_, err := open(t, cfg).Fetch(t.Context())
		if text := err.Error(); strings.Contains(strings.ToLower(text), "sw0rd") || !strings.Contains(text, "redirect to") || !strings.Contains(text, shown) {
			t.Errorf("%s: %s", location, text)
		}
	}
}
