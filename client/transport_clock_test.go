package client_test

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// parted returns the time that is so far from now by the wall clock and by the monotonic one, for
// which there is no function.
func parted(t *testing.T, wall, monotonic time.Duration) time.Time {
	t.Helper()
	type words struct {
		wall uint64
		ext  int64
		loc  *time.Location
	}
	now := time.Now()
	at := now.Add(wall)
	(*words)(unsafe.Pointer(&at)).ext += int64(monotonic - wall)
	if unsafe.Sizeof(at) != unsafe.Sizeof(words{}) || at.Sub(now) != monotonic || at.Round(0).Sub(now.Round(0)) != wall {
		t.Fatal("time.Time is built differently now: find another way to part its clocks")
	}
	return at
}

// ends is a TokenSource whose token is the first one, until one is wanted that lasts.
type ends struct{ first, other store.Token }

func (e ends) Lookup(_ context.Context, atLeast time.Duration) (token.Found, error) {
	if atLeast > 0 {
		return token.Found{Token: e.other}, nil
	}
	return token.Found{Token: e.first}, nil
}

func (e ends) Reject(context.Context, store.Token) error { return nil }

// A token that has ended by one of the two clocks is not sent.
func TestTokenThatHasEndedByOneClock(t *testing.T) {
	for name, tt := range map[string]struct {
		wall, monotonic time.Duration
		want            string
	}{
		"both": {-time.Minute, -time.Minute, "Bearer other"}, "none": {time.Hour, time.Hour, "Bearer first"},
		"wall clock": {-time.Minute, time.Hour, "Bearer other"}, "just now, by the wall clock": {0, time.Hour, "Bearer other"}, "monotonic clock": {time.Hour, -time.Minute, "Bearer other"},
	} {
		first, err := store.NewToken("first", time.Now(), parted(t, tt.wall, tt.monotonic))
		if err != nil {
			t.Fatal(err)
		}
		other := must(store.NewToken("other", time.Now(), time.Now().Add(time.Hour)))
		var got string
		tr := &client.Transport{Source: ends{first, other}, Origin: parse(t, apiBase), Logger: slog.New(slog.DiscardHandler),
			Base: roundTrip(func(req *http.Request) (*http.Response, error) {
				got = req.Header.Get("Authorization")
				return answer(req, 200, ""), nil
			})}
		if err := closed((&http.Client{Transport: tr}).Get(apiBase)); err != nil || got != tt.want {
			t.Errorf("%s: sent %q, %v", name, got, err)
		}
	}
}

// In the moment in which a token ends it is not sent any more.
func TestTokenThatEndsJustNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := must(store.NewToken("first", time.Now(), time.Now().Add(time.Second)))
		other := must(store.NewToken("other", time.Now(), time.Now().Add(time.Hour)))
		for _, want := range []string{"Bearer first", "Bearer other"} {
			var got string
			tr := &client.Transport{Source: ends{first, other}, Origin: parse(t, apiBase), Logger: slog.New(slog.DiscardHandler),
				Base: roundTrip(func(req *http.Request) (*http.Response, error) {
					got = req.Header.Get("Authorization")
					return answer(req, 200, ""), nil
				})}
			if err := closed((&http.Client{Transport: tr}).Get(apiBase)); err != nil || got != want {
				t.Errorf("sent %q, %v; want %q", got, err, want)
			}
			time.Sleep(time.Second)
		}
	})
}

// unchecked is a store that does not look at the clock.
type unchecked struct {
	store.Map
	tok atomic.Pointer[store.Token]
}

func (u *unchecked) Get(context.Context, string) (store.Token, error) {
	if tok := u.tok.Load(); tok != nil {
		return *tok, nil
	}
	return store.Token{}, store.ErrNotFound
}

func (u *unchecked) CompareAndSwap(_ context.Context, _ string, _, tok store.Token) (store.Token, error) {
	u.tok.Store(&tok)
	return tok, nil
}

func (u *unchecked) CompareAndDelete(context.Context, string, store.Token) error {
	u.tok.Store(nil)
	return nil
}

// A call that finds a token which has ended, because the timer of the store is late, waits once.
func TestTokenThatEndedUnnoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waits := 0
		w := start(t, setup{token: func(c *token.Config) {
			c.OneShot, c.Store = true, new(unchecked)
			c.Hooks.Waited = func(context.Context, token.Wait) { waits++ }
		}})
		for range 2 {
			if err := w.get(t.Context(), "/employees"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Until(must(w.source.Token(t.Context(), 0)).Expiry()))
		}
		if n := w.fake.Counts().TokenRequests; n != 2 || waits != 2 {
			t.Errorf("%d token requests, %d waits", n, waits)
		}
	})
}

// A token that ends while a longer one is waited for is not sent either.
func TestTokenThatEndsMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, setup{
			fake:   clienttest.Options{TokenLatency: 2 * time.Second},
			token:  func(c *token.Config) { c.OneShot = true },
			client: func(c *client.Config) { c.Timeout = -1 },
		})
		old := w.warm(t)
		time.Sleep(time.Until(must(w.source.Token(t.Context(), 0)).Expiry()) - 300*time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		began := time.Now()
		err := w.get(ctx, "/employees")
		requests := w.fake.RawRequests()
		if last := requests[len(requests)-1].Header.Get("Authorization"); err != nil || last == "Bearer "+old || time.Since(began) != 2*time.Second {
			t.Errorf("%v after %v, with the old token: %v", err, time.Since(began), last == "Bearer "+old)
		}
	})
}

// A token that lasts beyond the deadline, or for a moment where there is none, is used as it is: no
// longer one is asked for.
func TestTokenThatLastsJustLongEnough(t *testing.T) {
	for name, tt := range map[string]struct {
		left, deadline time.Duration
		longer         bool
	}{
		"none":               {left: 500 * time.Millisecond},
		"by a moment":        {left: 30*time.Second + 500*time.Millisecond, deadline: 30*time.Second + 400*time.Millisecond},
		"to the nanosecond":  {left: 30 * time.Second, deadline: 30 * time.Second},
		"short by a moment":  {left: 30*time.Second + 400*time.Millisecond, deadline: 30*time.Second + 500*time.Millisecond, longer: true},
		"short by a second":  {left: 30 * time.Second, deadline: 31 * time.Second, longer: true},
		"with time to spare": {left: time.Minute, deadline: 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, setup{
					fake:   clienttest.Options{TokenLatency: 100 * time.Millisecond},
					token:  func(c *token.Config) { c.OneShot = true },
					client: func(c *client.Config) { c.Timeout = -1 },
				})
				w.warm(t)
				tok := must(w.source.Token(t.Context(), 0))
				time.Sleep(time.Until(tok.Expiry()) - tt.left)
				before, stats := w.fake.Counts(), w.Stats()
				ctx, cancel := t.Context(), context.CancelFunc(func() {})
				if tt.deadline > 0 {
					ctx, cancel = context.WithTimeout(ctx, tt.deadline)
				}
				defer cancel()
				if err := w.get(ctx, "/employees"); err != nil {
					t.Fatal(err)
				}
				want := map[bool]int{true: 1}[tt.longer]
				if n, waits := w.since(before).TokenRequests, w.Stats().TokenWaits-stats.TokenWaits; n != want || waits != uint64(want) {
					t.Errorf("%d token requests, %d waits, want %d", n, waits, want)
				}
			})
		})
	}
}
