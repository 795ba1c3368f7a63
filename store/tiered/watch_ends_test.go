package tiered_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// A look that has begun when nobody follows any more is brought to its end.
func TestFollowingThatEndsDuringALook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a := newToken(t, "a", time.Hour)
		swap(t, r, store.Token{}, a)
		stop := r.Follow(key, nil)
		synctest.Wait()
		_ = r.far.Map.CompareAndDelete(t.Context(), key, a) // lost
		r.far.afterGet(stop)
		r.watch.push(true)
		holds(t, "near", r.near, "a")
		holds(t, "far", &r.far.Map, "a")
	})
}

// A look that fails when the Store is closed plans none for later.
func TestCloseDuringALookThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := inUse(t, newToken(t, "a", time.Hour))
		time.Sleep(2 * time.Second)
		r.far.set(errDown, 100*time.Millisecond)
		r.watch.tell(false)
		synctest.Wait()
		r.Close() // waits for it
		synctest.Wait()
		runtime.GC() // whose goroutines are counted too
		before := created()
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := created() - before; n > 0 {
			t.Errorf("%d goroutines in an hour", n)
		}
	})
}

// What another process has put into far counts for a key that is followed too, as long as its tokens
// work.
func TestFarDecidesWhereAKeyIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour), newToken(t, "c", time.Hour)
		r, _ := inUse(t, a)
		swap(t, &r.far.Map, a, b)
		if stands := swap(t, r, a, c); !stands.Equal(b) {
			t.Errorf("%q stands, want b", stands.Reveal())
		}
		holds(t, "near", r.near, "b")
		holds(t, "far", &r.far.Map, "b")
	})
}

// knowing is a far store that knows of each absent token that it was deleted.
type knowing struct{ far }

func (k *knowing) Look(ctx context.Context, key string, _ store.Token, _ store.Losses) (store.Token, store.Losses, error) {
	tok, err := k.Get(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		err = errors.Join(err, store.ErrDeleted)
	}
	return tok, store.UnknownLosses, err
}

func (k *knowing) Restore(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	return k.CompareAndSwap(ctx, key, old, tok)
}

// A deletion that is known for sure, and that is not followed for now, as there were too many, is not
// undone either.
func TestPostponedDeletionIsNotUndone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, near, w := new(knowing), new(store.Map), new(watch)
		s, err := tiered.New(tiered.Config{Near: near, Far: k, Shared: k, Watch: w, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		defer s.Follow(key, nil)()
		for i := range 4 {
			tok := newToken(t, fmt.Sprint(i), time.Hour)
			swap(t, s, store.Token{}, tok)
			_ = k.Map.CompareAndDelete(t.Context(), key, tok)
			w.push(i%2 == 0)
			want := ""
			if i == 3 {
				want = "3"
			}
			holds(t, "near", near, want)
			holds(t, "far", &k.Map, "")
		}
		time.Sleep(30 * time.Second)
		holds(t, "near", near, "3")
		holds(t, "far", &k.Map, "")
		time.Sleep(40 * time.Second)
		holds(t, "near", near, "")
		holds(t, "far", &k.Map, "")
	})
}
