package tiered_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// stalls is a near store whose caller does not get to run for a while after each token that it took.
type stalls struct {
	store.Map
	meanwhile func()
}

func (s *stalls) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	standing, err := s.Map.CompareAndSwap(ctx, key, old, tok)
	s.meanwhile()
	return standing, err
}

// A gap during an exchange is looked at while near has nothing. What far has lost by it was not
// deleted, also for a look that comes before the exchange has said what it missed.
func TestGapDuringAnExchangeIsNoDeletion(t *testing.T) {
	for name, exchange := range map[string]func(*tiered.Store, *far, store.Token){
		"a write": func(s *tiered.Store, _ *far, a store.Token) {
			_, _ = s.CompareAndSwap(context.Background(), key, store.Token{}, a)
		},
		"a read": func(s *tiered.Store, f *far, a store.Token) {
			_, _ = f.Map.CompareAndSwap(context.Background(), key, store.Token{}, a)
			_, _ = s.Get(context.Background(), key)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newToken(t, "a", time.Hour)
				var w watch
				f := new(far)
				near := &stalls{meanwhile: func() {
					_ = f.Map.CompareAndDelete(context.Background(), key, a)
					w.tell(false)
					time.Sleep(100 * time.Millisecond)
				}}
				s, err := tiered.New(tiered.Config{Near: near, Far: f, Watch: &w, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				defer s.Follow(key, nil)()
				time.Sleep(2 * time.Second) // the first looks are over
				f.set(nil, 50*time.Millisecond)
				go exchange(s, f, a)
				time.Sleep(10 * time.Millisecond)
				w.tell(true)
				time.Sleep(time.Minute)
				holds(t, "near", &near.Map, "a")
				holds(t, "far", &f.Map, "a")
			})
		})
	}
}

// What a read brings was there after the gaps before it: a deletion just after it is one, although
// such a gap was looked at while near had nothing.
func TestDeletionJustAfterARead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		r := build(t)
		defer r.Follow(key, nil)()
		time.Sleep(2 * time.Second) // the first looks are over
		swap(t, &r.far.Map, store.Token{}, a)
		holds(t, "tiered", r, "a")
		_ = r.far.Map.CompareAndDelete(t.Context(), key, a)
		r.watch.tell(false)
		time.Sleep(time.Minute)
		holds(t, "near", r.near, "")
		holds(t, "far", &r.far.Map, "")
	})
}
