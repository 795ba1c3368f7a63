package tiered_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// A far store that was not asked, because this process had no connection for it, is not down:
// the breaker stays closed, the token is kept, and is written as soon as that can be done.
func TestBusyIsNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := 0
		far := new(far)
		s, err := tiered.New(tiered.Config{Near: new(store.Map), Far: far, Hooks: tiered.Hooks{FarDown: func(error) { down++ }}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		tok := newToken(t, "a", time.Hour)
		far.set(fmt.Errorf("no connection: %w", store.ErrBusy), 0)
		if stands, err := s.CompareAndSwap(t.Context(), key, store.Token{}, tok); err != nil || !stands.Equal(tok) {
			t.Fatalf("got %v, %v; want the token, which is kept", stands, err)
		}
		asked := far.ops.Load()
		if _, err := s.Get(t.Context(), key+"2"); err == nil || far.ops.Load() == asked {
			t.Errorf("far was not asked again: %v", err)
		}
		synctest.Wait()
		if n := s.Stats(); down != 0 || n.FarDown || n.PendingWrites != 1 {
			t.Errorf("%d outages, %+v; want none, and one pending write", down, n)
		}
		far.set(nil, 0)
		time.Sleep(tiered.DefaultBreakerTimeout + time.Second)
		if there, err := far.Map.Get(t.Context(), key); err != nil || !there.Equal(tok) {
			t.Errorf("far has %v, %v after all; want the token", there, err)
		}
	})
}
