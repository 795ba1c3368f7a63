package tiered_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// readonly is a far store that can be made to refuse writes, one at a time or many.
type readonly struct {
	far
	refuses atomic.Pointer[error]
	tried   atomic.Int64
}

func (r *readonly) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if err := r.refuses.Load(); err != nil {
		r.tried.Add(1)
		return store.Token{}, *err
	}
	return r.far.CompareAndSwap(ctx, key, old, tok)
}

func (r *readonly) LookAll(ctx context.Context, looks []store.Looking) []store.Looked {
	results := make([]store.Looked, len(looks))
	for i, l := range looks {
		results[i].Token, results[i].Err = r.Get(ctx, l.Key)
		results[i].Now = store.UnknownLosses
	}
	return results
}

func (r *readonly) RestoreAll(ctx context.Context, tokens []store.Restoring) []store.Restored {
	results := make([]store.Restored, len(tokens))
	for i, t := range tokens {
		results[i].Token, results[i].Err = r.CompareAndSwap(ctx, t.Key, t.Old, t.Token)
	}
	return results
}

// A token that far has lost, and refuses to take back, is no reason not to follow what others write:
// it is one of a far store that can only be read. What is not allowed is tried once a minute.
func TestWriteBackThatIsRefused(t *testing.T) {
	refused, forbidden := fmt.Errorf("READONLY: %w", store.ErrRefused), fmt.Errorf("NOPERM: %w", store.ErrForbidden)
	for name, c := range map[string]struct {
		err         error
		many        bool
		least, most int64 // tries within half a minute
	}{
		"alone":               {refused, false, 30, 32},
		"together":            {refused, true, 30, 32},
		"alone, forbidden":    {forbidden, false, 1, 1},
		"together, forbidden": {forbidden, true, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, near, w := new(readonly), new(store.Map), new(watch)
				cfg := tiered.Config{Near: near, Far: f, Watch: w, Logger: slog.New(slog.DiscardHandler)}
				if c.many {
					cfg.Many = f
				}
				s, err := tiered.New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				a := newToken(t, "a", time.Hour)
				swap(t, s, store.Token{}, a)
				defer s.Follow(key, nil)()
				time.Sleep(2 * time.Second)
				_ = f.Map.CompareAndDelete(t.Context(), key, a)
				f.refuses.Store(&c.err)
				w.push(true)
				time.Sleep(30 * time.Second)
				holds(t, "near", near, "a")
				if n := f.tried.Load(); n < c.least || n > c.most {
					t.Errorf("tried %d times in half a minute, want %d to %d", n, c.least, c.most)
				}
				swap(t, &f.Map, store.Token{}, newToken(t, "b", time.Hour))
				w.push(false)
				holds(t, "near", near, "b")
				time.Sleep(2 * time.Minute)
				if n := s.Stats().PendingWrites; n != 0 {
					t.Errorf("%d pending writes", n)
				}
			})
		})
	}
}

// manyGraves is graves for many keys at once.
type manyGraves struct{ graves }

func (g *manyGraves) LookAll(ctx context.Context, looks []store.Looking) []store.Looked {
	results := make([]store.Looked, len(looks))
	for i, l := range looks {
		results[i].Token, results[i].Now, results[i].Err = g.Look(ctx, l.Key, l.Had, l.Before)
	}
	return results
}

func (g *manyGraves) RestoreAll(ctx context.Context, tokens []store.Restoring) []store.Restored {
	results := make([]store.Restored, len(tokens))
	for i, t := range tokens {
		results[i].Token, results[i].Err = g.Restore(ctx, t.Key, t.Old, t.Token)
	}
	return results
}

// A token that seems to be lost, and that others have deleted, is not written back, and not handed out
// any more. It is known as deleted.
func TestWriteBackOfATokenThatOthersDeleted(t *testing.T) {
	for name, many := range map[string]bool{"alone": false, "together": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, near, w := new(manyGraves), new(store.Map), new(watch)
				cfg := tiered.Config{Near: near, Far: g, Shared: g, Watch: w, Logger: slog.New(slog.DiscardHandler)}
				if many {
					cfg.Many = g
				}
				s, err := tiered.New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				a := newToken(t, "a", time.Hour)
				swap(t, s, store.Token{}, a)
				defer s.Follow(key, nil)()
				time.Sleep(2 * time.Second)
				_ = g.Map.CompareAndDelete(t.Context(), key, a)
				g.bury(a)
				w.push(true)
				holds(t, "near", near, "")
				holds(t, "far", &g.Map, "")
				if s.Pending(key) || !s.Tiers().Deleted(key, a) {
					t.Errorf("pending: %v, known as deleted: %v", s.Pending(key), s.Tiers().Deleted(key, a))
				}
			})
		})
	}
}

// A token that was overwritten by what cannot be used is written back once within the timeout of the
// breaker, and again after that; also if its time in far is up, and if its deletion was postponed.
func TestUnusableValueIsReplacedOnceInAWhile(t *testing.T) {
	t.Run("once", func(t *testing.T) {
		for name, life := range map[string]time.Duration{"long": time.Hour, "short": 109 * time.Second} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r, _ := inUse(t, newToken(t, "a", life))
					r.far.setReads(store.ErrUnusable)
					before := r.far.writes.Load()
					for range 3 {
						r.watch.push(false)
					}
					if n := r.far.writes.Load() - before; n != 1 {
						t.Errorf("written %d times, want once", n)
					}
					time.Sleep(tiered.DefaultBreakerTimeout)
					synctest.Wait()
					if n := r.far.writes.Load() - before; n != 2 {
						t.Errorf("written %d times, want once more", n)
					}
				})
			})
		}
	})
	t.Run("postponed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			tok := newToken(t, "0", time.Hour)
			r, _ := inUse(t, tok)
			for i := range 3 {
				deleteInFar(t, r, tok)
				tok = fetched(t, r, fmt.Sprint(i+1))
			}
			deleteInFar(t, r, tok)
			holds(t, "near", r.near, "3")
			r.far.setReads(store.ErrUnusable)
			before := r.far.writes.Load()
			r.watch.push(false)
			if n := r.far.writes.Load() - before; n != 1 {
				t.Errorf("written %d times, want once", n)
			}
		})
	})
}

// A token that near's has replaced, and that comes back, is replaced three times within the timeout of
// the breaker. After that it is believed that somebody wants it.
func TestTokenThatComesBackAgainAndAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		r, moved := inUse(t, a)
		time.Sleep(2 * time.Second)
		swap(t, r, a, b)
		for i := range 4 {
			swap(t, &r.far.Map, b, a)
			r.watch.push(false)
			want := "b"
			if i == 3 {
				want = "a" // left there for now
			}
			holds(t, "near", r.near, "b")
			holds(t, "far", &r.far.Map, want)
		}
		time.Sleep(tiered.DefaultBreakerTimeout + time.Second)
		synctest.Wait()
		holds(t, "near", r.near, "a")
		holds(t, "far", &r.far.Map, "a")
		if len(*moved) != 1 || (*moved)[0] != "a" {
			t.Errorf("the followers have %q", *moved)
		}
	})
}
