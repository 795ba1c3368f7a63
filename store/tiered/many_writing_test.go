package tiered_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// tardy is a distant store that takes its time for a write of one key alone.
type tardy struct {
	*distant
	key   string
	takes time.Duration
}

func (s *tardy) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if key == s.key {
		time.Sleep(s.takes)
	}
	return s.distant.CompareAndSwap(ctx, key, old, tok)
}

// A write of one key that is under way does not hold up the looks at the others.
func TestLooksDoNotWaitForTheWriteOfAnotherKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDistant(2*time.Millisecond, 0)
		far := &tardy{distant: d, key: "0", takes: 200 * time.Millisecond}
		near, w := new(store.Map), new(watch)
		s, err := tiered.New(tiered.Config{Near: near, Far: far, Many: d, Watch: w, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		for i := range 10 {
			if _, err := near.CompareAndSwap(t.Context(), fmt.Sprint(i), store.Token{}, a); err != nil {
				t.Fatal(err)
			}
			defer s.Follow(fmt.Sprint(i), nil)()
		}
		defer s.Follow("a key without a token", nil)()
		time.Sleep(5 * time.Second) // all of them are in far
		written := make(chan error, 1)
		go func() {
			_, err := s.CompareAndSwap(t.Context(), far.key, a, b)
			written <- err
		}()
		time.Sleep(10 * time.Millisecond)
		d.tokens.Store(new(store.Map)) // FLUSHALL
		w.tell(true)
		time.Sleep(100 * time.Millisecond)
		for i := 1; i < 10; i++ {
			if tok, err := d.tokens.Load().Get(t.Context(), fmt.Sprint(i)); !tok.Equal(a) {
				t.Errorf("key %d: %v, %v; want the token back", i, tok, err)
			}
		}
		if err := <-written; err != nil {
			t.Error(err)
		}
	})
}

// Many deletions at once are followed as soon as one: each is told to a far store that is far
// away, and few wait for others. They do not flood it either.
func TestManyDeletionsAreSoonFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tenants, most = 2000, 4 * 64
		d := newDistant(50*time.Millisecond, 0)
		r, keys := crowd(t, d, tenants)
		for _, name := range keys {
			t.Cleanup(r.Follow(name, nil))
		}
		time.Sleep(5 * time.Second)
		d.tokens.Store(new(store.Map))
		r.watch.tell(false)
		time.Sleep(soonBack)
		synctest.Wait()
		left := 0
		for _, name := range keys {
			if _, err := r.near.Get(t.Context(), name); err == nil {
				left++
			}
		}
		if left > 0 {
			t.Errorf("near has %d tokens of %d that were deleted", left, tenants)
		}
		if d.most > most {
			t.Errorf("%d exchanges at a time, want %d at most", d.most, most)
		}
	})
}

// A token whose TTL in far has ended is not written back after a loss either.
func TestTokenAtItsSharedEndIsNotWrittenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDistant(2*time.Millisecond, 0)
		r, _ := crowd(t, d, 0)
		swap(t, r.near, store.Token{}, newToken(t, "a", 109*time.Second))
		defer r.Follow(key, nil)()
		time.Sleep(10 * time.Second)
		r.watch.tell(true)
		time.Sleep(10 * time.Second)
		if _, n := d.since(time.Now()); n != 0 {
			t.Errorf("written back %d times", n)
		}
		holds(t, "near", r.near, "a")
	})
}

// A pending write that a newer one replaces while others are flushed is not made any more.
func TestPendingWriteThatIsReplacedDuringAFlushIsNotMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tenants = 300 // more than go together
		f := &flushed{distant: newDistant(2*time.Millisecond, 0)}
		s, err := tiered.New(tiered.Config{Near: new(store.Map), Far: f, Many: f, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		f.refuses.Store(true)
		for i := range tenants {
			if _, err := s.CompareAndSwap(t.Context(), fmt.Sprint(i), store.Token{}, a); err != nil {
				t.Fatal(err)
			}
		}
		f.refuses.Store(false)
		replaced := make(map[string]bool)
		first := func(tokens []store.Restoring) { // far has not answered: it still counts as down
			flushing := make(map[string]bool)
			for _, r := range tokens {
				flushing[r.Key] = true
			}
			for i := range tenants {
				if key := fmt.Sprint(i); !flushing[key] {
					replaced[key] = true
					if _, err := s.CompareAndSwap(t.Context(), key, a, b); err != nil {
						t.Error(err)
					}
				}
			}
		}
		f.mu.Lock()
		f.first = first
		f.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(replaced) == 0 {
			t.Fatal("all went together: this shows nothing")
		}
		for i := range tenants {
			want, key := a, fmt.Sprint(i)
			if replaced[key] {
				want = b
			}
			if tok, err := f.tokens.Load().Get(t.Context(), key); !tok.Equal(want) || len(f.took[key]) != 1 {
				t.Errorf("%s: far has %v, %v, after %q; want %q alone", key, tok, err, f.took[key], want.Reveal())
			}
		}
		if n := s.Stats().PendingWrites; n != 0 {
			t.Errorf("%d pending writes", n)
		}
	})
}

// flushed is a distant store that notes what is restored, and does something before the first time.
type flushed struct {
	*distant
	mu    sync.Mutex
	first func([]store.Restoring)
	took  map[string][]string
}

func (f *flushed) RestoreAll(ctx context.Context, tokens []store.Restoring) []store.Restored {
	f.mu.Lock()
	first := f.first
	f.first = nil
	f.mu.Unlock()
	if first != nil {
		first(tokens)
	}
	f.mu.Lock()
	if f.took == nil {
		f.took = make(map[string][]string)
	}
	for _, r := range tokens {
		f.took[r.Key] = append(f.took[r.Key], r.Token.Reveal())
	}
	f.mu.Unlock()
	return f.distant.RestoreAll(ctx, tokens)
}

// A token that is stored again after another one had replaced it is written like any other.
func TestPendingWriteOfATokenThatWasReplacedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDistant(2*time.Millisecond, 0)
		r, _ := crowd(t, d, 0)
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		d.refuses.Store(true)
		swap(t, r, store.Token{}, a)
		swap(t, r, a, b)
		swap(t, r, b, a)
		d.refuses.Store(false)
		time.Sleep(time.Minute)
		holds(t, "far", d.tokens.Load(), "a")
		holds(t, "near", r.near, "a")
	})
}

// Far may have taken any of the writes of an outage, or none.
func TestPendingWriteReplacesAnyTokenBefore(t *testing.T) {
	for _, left := range []string{"a", "b", ""} {
		t.Run(left, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDistant(2*time.Millisecond, 0)
				r, _ := crowd(t, d, 0)
				toks := map[string]store.Token{}
				for _, text := range []string{"a", "b", "c"} {
					toks[text] = newToken(t, text, time.Hour)
				}
				swap(t, r, store.Token{}, toks["a"])
				d.refuses.Store(true)
				swap(t, r, toks["a"], toks["b"])
				swap(t, r, toks["b"], toks["c"])
				d.refuses.Store(false)
				d.tokens.Store(new(store.Map))
				if left != "" {
					swap(t, d.tokens.Load(), store.Token{}, toks[left])
				}
				time.Sleep(10 * time.Second)
				holds(t, "far", d.tokens.Load(), "c")
				holds(t, "near", r.near, "c")
				if _, n := d.since(time.Now()); n > 4 { // with the first one, and the one that is in vain for each
					t.Errorf("%d writes", n)
				}
			})
		})
	}
}
