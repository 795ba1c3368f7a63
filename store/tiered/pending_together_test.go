package tiered_test

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// All writes that are pending are flushed as soon as far works again, and not one in each timeout of
// the breaker. Far is named in the log, as Redis if it has no other name.
func TestAllPendingWritesAreFlushedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		r.far.set(errors.New("down"), 0)
		const keys = 5
		for i := range keys {
			tok := newToken(t, fmt.Sprint("token-", i), time.Hour)
			if _, err := r.CompareAndSwap(t.Context(), fmt.Sprint("key-", i), store.Token{}, tok); err != nil {
				t.Fatal(err)
			}
		}
		if n := r.Stats().PendingWrites; n != keys {
			t.Fatalf("%d are pending, want %d", n, keys)
		}
		r.far.set(nil, 0)
		time.Sleep(5*time.Second + time.Millisecond)
		synctest.Wait()
		if n := r.Stats().PendingWrites; n != 0 {
			t.Errorf("%d are still pending", n)
		}
		if r.log.count("Redis") == 0 {
			t.Errorf("the log does not name Redis: %s", r.log)
		}
		for i := range keys {
			if tok, err := r.far.Map.Get(t.Context(), fmt.Sprint("key-", i)); err != nil || tok.Reveal() != fmt.Sprint("token-", i) {
				t.Errorf("far holds %v, %v", tok, err)
			}
		}
	})
}

// A far store that can be read and fails at writes is tried with one of the pending writes each time.
func TestOneWriteFindsOutWhetherFarTakesAny(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := new(readonly)
		s, err := tiered.New(tiered.Config{Near: new(store.Map), Far: f, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		f.refuses.Store(&errDown)
		for i := range 5 {
			if _, err := s.CompareAndSwap(t.Context(), fmt.Sprint("key-", i), store.Token{}, newToken(t, "a", time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		f.tried.Store(0)
		time.Sleep(tiered.DefaultBreakerTimeout)
		if n := f.tried.Load(); n < 4 || n > 5 {
			t.Errorf("%d writes were tried in five seconds", n)
		}
		f.refuses.Store(nil)
		time.Sleep(2 * time.Second)
		if n := s.Stats().PendingWrites; n != 0 {
			t.Errorf("%d are still pending", n)
		}
	})
}
