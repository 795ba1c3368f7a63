package token_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// careless is a store that answers with tok and no error.
type careless struct {
	store.Map
	tok store.Token
}

func (c *careless) Get(context.Context, string) (store.Token, error) { return c.tok, nil }

func (c *careless) CompareAndSwap(context.Context, string, store.Token, store.Token) (store.Token, error) {
	return c.tok, nil
}

// A store that breaks its promises is told as what it is. Nothing of it is handed out,
// and no token is fetched for each call.
func TestStoreThatBreaksItsPromisesIsNamed(t *testing.T) {
	for name, tt := range map[string]struct {
		life time.Duration // of the token that it has, 0 for none
		want string
	}{
		"no token":    {0, "the store returned no token and no error"},
		"ended token": {-time.Minute, "the store returned a token that has ended"},
	} {
		for place, put := range map[string]func(*token.Config, *careless){
			"the only one": func(c *token.Config, st *careless) { c.Store = st },
			"near":         func(c *token.Config, st *careless) { c.Store, c.Tiers.Near = new(store.Map), st },
			"reread": func(c *token.Config, st *careless) {
				c.Store, c.Tiers.Reread = new(store.Map), st.Get
			},
		} {
			t.Run(name+"/"+place, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					g, st := new(gateway), new(careless)
					if tt.life != 0 {
						st.tok = newToken(t, "old", tt.life)
					}
					var cfg token.Config
					put(&cfg, st)
					s := start(t, g, cfg)
					for range 10 {
						_, errToken := s.Token(t.Context(), 0)
						_, errLookup := s.Lookup(t.Context(), time.Nanosecond)
						_, errRefresh := s.Refresh(t.Context())
						for how, err := range map[string]error{"Token": errToken, "Lookup": errLookup, "Refresh": errRefresh} {
							if !errors.Is(err, token.ErrStore) || !strings.Contains(err.Error(), tt.want) {
								t.Errorf("%s: %v", how, err)
							}
						}
					}
					if place != "reread" && tt.life == 0 {
						if err := s.Reject(t.Context(), newToken(t, "a", time.Hour)); !errors.Is(err, token.ErrStore) {
							t.Errorf("Reject: %v", err)
						}
					}
					if n := g.fetches.Load(); n != 0 {
						t.Errorf("%d fetches", n)
					}
				})
			})
		}
		t.Run(name+"/what it says of a write", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, st := new(gateway), new(careless)
				if tt.life != 0 {
					st.tok = newToken(t, "old", tt.life)
				}
				s := start(t, g, token.Config{Store: &writes{st}})
				for range 10 {
					if tok := mustToken(t, s); tok.Reveal() != "token-1" {
						t.Errorf("got %q", tok.Reveal())
					}
				}
			})
		})
	}
}

// writes is a store whose CompareAndSwap alone is careless.
type writes struct{ *careless }

func (w *writes) Get(ctx context.Context, key string) (store.Token, error) {
	return w.Map.Get(ctx, key)
}

// lapsing is a store that is careless from some moment on.
type lapsing struct {
	store.Map
	careless bool
}

func (l *lapsing) Get(ctx context.Context, key string) (store.Token, error) {
	if l.careless {
		return store.Token{}, nil
	}
	return l.Map.Get(ctx, key)
}

// It is no better if the Source has had its tokens from that store: a call without one would be
// refused by the API, and its token be rejected in vain.
func TestStoreThatReturnsNoTokenAnyMoreIsNamed(t *testing.T) {
	for name, put := range map[string]func(*token.Config, *lapsing){
		"the only one": func(c *token.Config, st *lapsing) { c.Store = st },
		"near":         func(c *token.Config, st *lapsing) { c.Store, c.Tiers.Near = new(store.Map), st },
		"far":          func(c *token.Config, st *lapsing) { c.Store, c.Far = st, true },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, st := new(gateway), new(lapsing)
				var cfg token.Config
				put(&cfg, st)
				s := start(t, g, cfg)
				mustToken(t, s)
				mustToken(t, s)
				st.careless = true
				for range 3 {
					for _, atLeast := range []time.Duration{0, time.Minute} {
						tok, errToken := s.Token(t.Context(), atLeast)
						f, errLookup := s.Lookup(t.Context(), atLeast)
						for how, err := range map[string]error{"Token": errToken, "Lookup": errLookup} {
							if !errors.Is(err, token.ErrStore) || !strings.Contains(err.Error(), "the store returned no token and no error") {
								t.Errorf("%s of %v: %v", how, atLeast, err)
							}
						}
						if !tok.IsZero() || !f.Token.IsZero() {
							t.Errorf("%v, %v for %v", tok, f.Token, atLeast)
						}
					}
				}
				if n := g.fetches.Load(); n != 1 {
					t.Errorf("%d fetches", n)
				}
			})
		})
	}
}

// A lease whose turns say nothing is none.
func TestLeaseThatSaysNothingDoesNotKeepFromFetching(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, new(gateway), token.Config{Tiers: lease.Tiers{Lease: answers(func(context.Context, lease.Ask) (lease.Outcome, error) { return lease.Outcome{}, nil })}})
		if tok := mustToken(t, s); tok.Reveal() != "token-1" {
			t.Errorf("got %q", tok.Reveal())
		}
	})
}

// A near store whose timer is late, by as long as the machine was suspended, is not broken.
func TestStoreThatIsLateIsNotBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &late{tok: newToken(t, "old", -time.Minute)}
		s := start(t, new(gateway), token.Config{Store: st})
		if f, err := s.Lookup(t.Context(), time.Nanosecond); err != nil || f.Token.Reveal() != "token-1" {
			t.Errorf("got %q, %v", f.Token.Reveal(), err)
		}
	})
}

// Whoever asks for the least validity does not get a token that has ended, also if hits that do
// not look at the clock have used it.
func TestLateStoreOfATokenInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, new(gateway), token.Config{Store: &late{tok: newToken(t, "old", time.Minute)}, OneShot: true})
		for range 2 {
			if tok := mustToken(t, s); tok.Reveal() != "old" {
				t.Fatalf("got %q", tok.Reveal())
			}
		}
		time.Sleep(2 * time.Minute)
		if f, err := s.Lookup(t.Context(), time.Nanosecond); err != nil || f.Token.Reveal() != "token-1" {
			t.Errorf("got %q, %v", f.Token.Reveal(), err)
		}
	})
}

// late has a token that has ended until it is deleted.
type late struct {
	store.Map
	tok store.Token
}

func (l *late) Get(ctx context.Context, key string) (store.Token, error) {
	if !l.tok.IsZero() {
		return l.tok, nil
	}
	return l.Map.Get(ctx, key)
}

func (l *late) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	if l.tok.Equal(old) {
		l.tok = store.Token{}
	}
	return l.Map.CompareAndDelete(ctx, key, old)
}

func TestNilContextIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, new(gateway), token.Config{})
		var none context.Context
		if _, err := s.Token(none, 0); err == nil {
			t.Error("Token: no error")
		}
		if _, err := s.Refresh(none); err == nil {
			t.Error("Refresh: no error")
		}
	})
}
