package tiered_test

import (
	"context"
	"log/slog"
	"math"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// asked is a store that counts its reads.
type asked struct {
	store.Map
	reads atomic.Int64
}

func (a *asked) Get(ctx context.Context, key string) (store.Token, error) {
	a.reads.Add(1)
	return a.Map.Get(ctx, key)
}

// A breaker that is to stay open for ever is not asked all the time whether it has closed.
func TestBreakerThatStaysOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w watch
		f, near := new(far), new(asked)
		s, err := tiered.New(tiered.Config{Near: near, Far: f, Watch: &w, BreakerTimeout: math.MaxInt64, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		swap(t, s, store.Token{}, newToken(t, "a", time.Hour))
		defer s.Follow(key, nil)()
		synctest.Wait()
		f.set(errDown, 0)
		w.tell(true)
		synctest.Wait()
		before := near.reads.Load()
		time.Sleep(30 * time.Second)
		if n := near.reads.Load() - before; n > 2 { // without a cause
			t.Errorf("%d looks in 30 s", n)
		}
		holds(t, "near", &near.Map, "a")
	})
}
