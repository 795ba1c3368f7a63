package tiered_test

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

func TestWriteThatHangsIsNotOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := new(store.Map), new(far)
		s, err := tiered.New(tiered.Config{Near: near, Far: far, FarTimeout: time.Minute, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		a := newToken(t, "a", time.Hour)
		far.hang()
		letGo := far.hung
		swap(t, s, store.Token{}, a)
		far.mu.Lock()
		far.hung = nil // what comes later does not hang
		far.mu.Unlock()
		if err := s.CompareAndDelete(t.Context(), key, a); err != nil { // the breaker is open
			t.Fatal(err)
		}
		time.Sleep(20 * time.Second)
		close(letGo)
		time.Sleep(time.Minute)
		holds(t, "far", &far.Map, "")
	})
}
