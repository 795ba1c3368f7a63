package token_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// One account of a key that is through with its token request, or has found a token, holds up no
// other one, however long its hooks take.
func TestHookHoldsUpNoOtherAccount(t *testing.T) {
	const latency = 10 * time.Millisecond
	slow := func() { time.Sleep(900 * time.Millisecond) } // a hook has a second
	for name, c := range map[string]struct {
		hooks token.Hooks
		there bool          // another process has stored a token
		most  time.Duration // that the other account waits for this one
	}{
		"fetched": {token.Hooks{FetchDone: func(token.Fetch) { slow() }}, false, 200 * time.Millisecond},
		"found":   {token.Hooks{Rotated: func(token.Rotation) { slow() }}, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &gateway{latency: latency}
				cfg := token.Config{Fetcher: token.NewFetcher(), Store: new(store.Map), FetchTimeout: 100 * time.Millisecond, Credentials: "one", Hooks: c.hooks}
				if c.there {
					cfg.Tiers.Near = new(store.Map)
					_, _ = cfg.Store.CompareAndSwap(t.Context(), key, store.Token{}, newToken(t, "there", time.Hour))
				}
				one := start(t, g, cfg)
				cfg.Credentials, cfg.Hooks = "other", token.Hooks{}
				other := start(t, g, cfg)
				go func() { _, _ = one.Token(context.Background(), 0) }()
				synctest.Wait()
				began := time.Now()
				if _, err := other.Refresh(t.Context()); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took > c.most+latency {
					t.Errorf("the other account waited for %v, want %v at most", took-latency, c.most)
				}
				time.Sleep(time.Second) // the hook
			})
		})
	}
}

// An account whose last Source is closed while it waits for another account has got no token, and
// tells its hooks of none.
func TestCloseWhileAnotherAccountFetches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := token.Config{Fetcher: token.NewFetcher(), Store: new(store.Map), Credentials: "one"}
		one := start(t, &gateway{latency: time.Second}, cfg)
		mustToken(t, one)
		go func() { _, _ = one.Refresh(context.Background()) }()
		synctest.Wait()
		cfg.Credentials, cfg.Hooks.Rotated = "other", func(r token.Rotation) { t.Errorf("the hook is told of %+v", r) }
		other := start(t, new(gateway), cfg)
		time.AfterFunc(time.Millisecond, other.Close)
		if _, err := other.Refresh(t.Context()); !errors.Is(err, token.ErrClosed) {
			t.Errorf("Refresh: %v", err)
		}
		synctest.Wait()
	})
}

// A call that has waited for another process, and then finds its token without the lease, says so.
func TestWaitForAProcessWhoseLeaseFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := new(store.Map)
		asked := 0
		failing := answers(func(ctx context.Context, _ lease.Ask) (lease.Outcome, error) {
			if asked++; asked > 1 {
				return lease.Outcome{}, errors.New("down")
			}
			return lease.Outcome{Holder: "another", Wait: func(ctx context.Context) error {
				time.Sleep(time.Second)
				_, err := shared.CompareAndSwap(ctx, key, store.Token{}, newToken(t, "theirs", time.Hour))
				return err
			}}, nil
		})
		s := start(t, new(gateway), token.Config{Store: shared, Tiers: lease.Tiers{Lease: failing}})
		if f := mustFind(t, s); f.Token.Reveal() != "theirs" || !f.Waited {
			t.Errorf("got %+v, want the token that was waited for", f)
		}
	})
}
