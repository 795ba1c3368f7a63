package tiered_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// Keys that were looked at together do not wait for the follower of one of them.
func TestFollowersOfManyKeysDoNotWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tenants = 50
		d := newDistant(time.Millisecond, 0)
		r, keys := crowd(t, d, tenants)
		var told atomic.Int64
		over := make(chan struct{})
		for _, name := range keys {
			t.Cleanup(r.Follow(name, func(store.Token) { told.Add(1); <-over }))
		}
		time.Sleep(2 * time.Second) // the first looks are over
		old, tok := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		for _, name := range keys {
			if _, err := d.tokens.Load().CompareAndSwap(t.Context(), name, old, tok); err != nil {
				t.Fatal(err)
			}
		}
		r.watch.tell(true)
		time.Sleep(time.Second)
		if n := told.Load(); n != tenants {
			t.Errorf("%d followers were called, want %d", n, tenants)
		}
		close(over)
	})
}

// buried is a distant store that knows of each absent token that it was deleted.
type buried struct{ *distant }

func (b buried) LookAll(ctx context.Context, looks []store.Looking) []store.Looked {
	all := b.distant.LookAll(ctx, looks)
	for i := range all {
		if errors.Is(all[i].Err, store.ErrNotFound) {
			all[i].Err = errors.Join(store.ErrNotFound, store.ErrDeleted)
		}
	}
	return all
}

// Many deletions that were missed are followed side by side: each is made in far once more.
func TestManyMissedDeletionsAreFollowedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tenants = 1000
		d := newDistant(50*time.Millisecond, 0)
		r, keys := crowdOf(t, d, buried{d}, tenants)
		tok := newToken(t, "a", time.Hour)
		for _, name := range keys {
			if _, err := d.tokens.Load().CompareAndSwap(t.Context(), name, store.Token{}, tok); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(r.Follow(name, nil))
		}
		time.Sleep(2 * time.Second) // the first looks are over
		d.tokens.Store(new(store.Map))
		r.watch.tell(true)
		time.Sleep(2 * time.Second)
		for _, name := range keys {
			if near, err := r.near.Get(t.Context(), name); !errors.Is(err, store.ErrNotFound) {
				t.Fatalf("%s: near has %q, %v", name, near.Reveal(), err)
			}
		}
	})
}

// reconnected is a distant store that is emptied, and reached over another connection, at the next look
// when it is armed, and counts the tokens that are written one by one.
type reconnected struct {
	*distant
	watch
	armed  atomic.Bool
	single atomic.Int64
}

func (r *reconnected) LookAll(ctx context.Context, looks []store.Looking) []store.Looked {
	if r.armed.Swap(false) {
		r.tokens.Store(new(store.Map))
		r.link.Add(1)
	}
	return r.distant.LookAll(ctx, looks)
}

func (r *reconnected) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	r.single.Add(1)
	return r.distant.CompareAndSwap(ctx, key, old, tok)
}

// What is lost by a gap that comes up during a look of many keys is written back together.
func TestLossesByAGapDuringALookAreWrittenBackTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tenants = 100
		f, near := &reconnected{distant: newDistant(time.Millisecond, 0)}, new(store.Map)
		s, err := tiered.New(tiered.Config{Near: near, Far: f, Many: f, Watch: &f.watch, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		tok := newToken(t, "a", time.Hour)
		for i := range tenants {
			if _, err := near.CompareAndSwap(t.Context(), fmt.Sprint(i), store.Token{}, tok); err != nil {
				t.Fatal(err)
			}
			defer s.Follow(fmt.Sprint(i), nil)()
		}
		time.Sleep(2 * time.Second) // the first looks are over
		f.armed.Store(true)
		f.watch.tell(false)
		time.Sleep(10 * time.Millisecond)
		f.watch.tell(true) // late
		time.Sleep(2 * time.Second)
		for i := range tenants {
			if there, err := f.tokens.Load().Get(t.Context(), fmt.Sprint(i)); there != tok {
				t.Errorf("%d: %q, %v", i, there.Reveal(), err)
			}
		}
		if n := f.single.Load(); n > 0 {
			t.Errorf("%d were written one by one", n)
		}
	})
}
