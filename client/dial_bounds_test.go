package client_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
)

// Config.Timeout bounds the whole, token included; without one the caller's context does.
func TestDialIsBounded(t *testing.T) {
	hangs := func(ctx context.Context, _ string, _ http.Header) (*dialed, *http.Response, error) {
		<-ctx.Done()
		return nil, nil, ctx.Err()
	}
	for timeout, want := range map[time.Duration]time.Duration{10 * time.Second: 10 * time.Second, 1: 1, -1: time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			w := start(t, setup{client: func(c *client.Config) { c.Timeout = timeout }})
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			began := time.Now()
			_, err := client.Dial(ctx, w.Client, "/live", hangs)
			if took := time.Since(began); took != want || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("with %v it took %v, %v", timeout, took, err)
			}
		})
	}
}

// The context of the handshake ends with the Dial, whatever comes of it.
func TestDialLeavesNothing(t *testing.T) {
	t.Parallel()
	_, _, c := startSessions(t)
	var handshake context.Context
	conn, err := client.Dial(t.Context(), c, "/live", func(ctx context.Context, _ string, _ http.Header) (*dialed, *http.Response, error) {
		handshake = ctx
		return new(dialed), nil, nil
	})
	if err != nil || conn.closed || handshake.Err() == nil {
		t.Errorf("%v, closed: %v, the context of the handshake: %v", err, conn.closed, handshake.Err())
	}
}

// Each handshake is in the log, as a request of Call is, and a Dial without a token counts as a
// look-up that failed.
func TestDialIsLoggedAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, setup{})
		answers := func(status int) func(context.Context, string, http.Header) (*dialed, *http.Response, error) {
			return func(context.Context, string, http.Header) (*dialed, *http.Response, error) {
				if status == 0 {
					return nil, nil, errors.New("no connection")
				}
				elsewhere := &http.Request{URL: &url.URL{Scheme: "http", Host: parse(t, w.fake.BaseURL()).Host, Path: "/of/the/library"}}
				return nil, &http.Response{StatusCode: status, Request: elsewhere}, errors.New("bad handshake")
			}
		}
		for status, want := range map[int]string{0: "no connection", 403: "", 503: ""} {
			before := len(w.logs.records(t, "api request"))
			_, err := client.Dial(t.Context(), w.Client, "/live", answers(status))
			all := w.logs.records(t, "api request")
			if len(all) != before+1 {
				t.Fatalf("%d records more, %v", len(all)-before, err)
			}
			if r := all[before]; r["path"] != "/live" || r["method"] != "GET" || r["token"] == "" || (r["error"] != nil) != (err != nil) {
				t.Errorf("%d: %v, %v", status, r, err)
			}
			var api *client.APIError
			if errors.As(err, &api) != (status > 0) || api != nil && (api.Path != "/live" || api.Status != status) || api == nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%d: %v", status, err)
			}
		}
		if s := w.Stats(); s.Calls != 3 || s.TokenWaits != 1 || s.TokenHits != 2 {
			t.Errorf("%+v", s)
		}
		for _, l := range w.Metrics().Calls.Lookups { // the first fetched a token, the others had it
			if want := map[string]uint64{"near hit": 2, "fetched waited": 1}[l.Origin+" "+l.Outcome]; l.Count != want {
				t.Errorf("%d lookups were %s, %s; want %d", l.Count, l.Origin, l.Outcome, want)
			}
		}
		w.fake.Inject(clienttest.Fault{Status: 503, Times: -1})
		w.fake.RevokeAll()
		if err := w.Source().Reject(t.Context(), must(w.Source().Token(t.Context(), 0))); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Dial(t.Context(), w.Client, "/live", answers(200)); err == nil {
			t.Error("without a token")
		}
		if s := w.Stats(); s.TokenWaits != 2 || s.Calls != 4 {
			t.Errorf("without a token: %+v", s)
		}
	})
}

// An office that answers is where it is, whatever it answers: nobody is asked for another address,
// and nothing is sent twice.
func TestDialThatWasAnsweredLooksForNoOtherAddress(t *testing.T) {
	t.Parallel()
	o, a := startOffices(t), startAPI(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) })
	o.names.Store(a.URL)
	c := moving(t, o, true)
	_, err := client.Dial(t.Context(), c, "/live", handshake(t, new(dialed)))
	var api *client.APIError
	if !errors.As(err, &api) || api.Status != 503 {
		t.Errorf("got %v", err)
	}
	a.took(t, "GET /live")
	if n := o.asked.Load(); n != 1 {
		t.Errorf("asked %d times where the office is", n)
	}
}

// Tokens that are revoked, and replaced by one that the API takes, cost nothing of the budget, also
// if the API refuses what was asked for with the new one.
func TestDialThatIsRefusedWithAGoodToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, setup{})
		for i := range 6 {
			dead := must(w.Source().Token(t.Context(), 0)).Reveal()
			_, err := client.Dial(t.Context(), w.Client, "/live", func(_ context.Context, _ string, h http.Header) (*dialed, *http.Response, error) {
				if h.Get("Authorization") == "Bearer "+dead {
					return nil, &http.Response{StatusCode: 401, Status: "401 Unauthorized"}, errors.New("bad handshake")
				}
				return nil, &http.Response{StatusCode: 403, Status: "403 Forbidden"}, errors.New("bad handshake")
			})
			if !errors.Is(err, client.ErrForbidden) {
				t.Errorf("revocation %d: %v", i+1, err)
			}
			time.Sleep(12 * time.Second)
		}
	})
}

// Why there was no other token after a refusal is in the error.
func TestDialThatIsRefusedWithoutAnotherToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, setup{})
		w.warm(t)
		w.fake.Inject(clienttest.Fault{Status: 503, Times: -1})
		_, err := client.Dial(t.Context(), w.Client, "/live", func(context.Context, string, http.Header) (*dialed, *http.Response, error) {
			return nil, &http.Response{StatusCode: 401, Status: "401 Unauthorized"}, errors.New("bad handshake")
		})
		var api *client.APIError
		if !errors.As(err, &api) || api.Status != 401 || !errors.Is(api.TokenErr, gateway.ErrOutage) {
			t.Errorf("%v", err)
		}
	})
}

// An office that is down, and has not moved, is dialled once.
func TestDialOfAnOfficeThatIsDown(t *testing.T) {
	t.Parallel()
	o, a := startOffices(t), startAPI(t, nil)
	o.names.Store(a.URL)
	c := moving(t, o, true)
	if _, err := c.BaseURL(t.Context()); err != nil {
		t.Fatal(err)
	}
	n := 0
	_, err := client.Dial(t.Context(), c, "/live", func(context.Context, string, http.Header) (*dialed, *http.Response, error) {
		n++
		return nil, nil, errors.New("no connection")
	})
	if err == nil || n != 1 || o.asked.Load() != 2 {
		t.Errorf("%v after %d handshakes, asked %d times where it is", err, n, o.asked.Load())
	}
}
