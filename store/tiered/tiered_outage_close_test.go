package tiered_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// The warning of an outage is there when Close returns: it may be the last that a process
// does.
func TestCloseWaitsForTheWarning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told atomic.Bool
		s, err := tiered.New(tiered.Config{
			Near: new(store.Map), Far: downStore{},
			Logger: slog.New(slowLog{slog.DiscardHandler, &told}),
		})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = s.Get(t.Context(), "key")
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if !told.Load() {
			t.Error("Close came before the warning")
		}
	})
}

type downStore struct{ store.Store }

func (downStore) Get(context.Context, string) (store.Token, error) {
	return store.Token{}, context.DeadlineExceeded
}

// slowLog needs a moment.
type slowLog struct {
	slog.Handler
	told *atomic.Bool
}

func (slowLog) Enabled(context.Context, slog.Level) bool { return true }

func (l slowLog) Handle(context.Context, slog.Record) error {
	time.Sleep(50 * time.Millisecond)
	l.told.Store(true)
	return nil
}
