package token_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// What another program stored while a token was requested is adopted, but not by a Refresh if
// it is from before that: the store may have told of it too late.
func TestRefreshReturnsNoTokenFromBeforeIt(t *testing.T) {
	for _, c := range []struct {
		name   string
		issued time.Duration // of the other token, after the Refresh began
		want   string        // what the Refresh returns, and what stands
	}{
		{"a token from before it", -time.Second, "token-2"},
		{"a token from after it", time.Second, "theirs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, all := &gateway{latency: 2 * time.Second}, new(store.Map)
				var theirs store.Token
				s := start(t, g, token.Config{Store: all, Fetch: func(ctx context.Context) (store.Token, error) {
					tok, err := g.fetch(ctx)
					if g.fetches.Load() != 2 || theirs.IsZero() {
						return tok, err
					}
					old, getErr := all.Get(ctx, key)
					if getErr != nil {
						old = store.Token{}
					}
					if standing, err := all.CompareAndSwap(ctx, key, old, theirs); err != nil || standing != theirs {
						t.Errorf("the other token is not stored: %v", err)
					}
					return tok, err
				}})
				mustToken(t, s)
				time.Sleep(time.Minute)
				var err error
				if theirs, err = store.NewToken("theirs", time.Now().Add(c.issued), time.Now().Add(time.Hour)); err != nil {
					t.Fatal(err)
				}
				f, err := s.Refresh(t.Context())
				if err != nil || f.Token.Reveal() != c.want {
					t.Errorf("Refresh = %q, %v; want %s", f.Token.Reveal(), err, c.want)
				}
				if stands := mustToken(t, s); stands.Reveal() != c.want {
					t.Errorf("then %q stands, want %s", stands.Reveal(), c.want)
				}
			})
		})
	}
}

// Nor by one that joins the run of a call, whose fetch has not begun yet.
func TestRefreshThatJoinedReturnsNoTokenFromBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		theirs := newToken(t, "theirs", time.Hour)
		time.Sleep(time.Minute)
		g, all := &gateway{latency: time.Second}, &faulty{delay: 2 * time.Second}
		s := start(t, g, token.Config{Store: all, Fetch: func(ctx context.Context) (store.Token, error) {
			tok, err := g.fetch(ctx)
			if g.fetches.Load() == 1 {
				if _, err := all.CompareAndSwap(ctx, key, store.Token{}, theirs); err != nil {
					t.Error(err)
				}
			}
			return tok, err
		}})
		led := make(chan string)
		go func() { led <- mustToken(t, s).Reveal() }()
		time.Sleep(3 * time.Second) // it has found nothing, and its run looks again
		f, err := s.Refresh(t.Context())
		if err != nil || f.Token.Reveal() != "token-2" {
			t.Errorf("Refresh = %q, %v; want token-2", f.Token.Reveal(), err)
		}
		if got := <-led; got != "theirs" {
			t.Errorf("the call got %q, want theirs", got)
		}
	})
}
