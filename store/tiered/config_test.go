package tiered_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/leasemap"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// nobodys are pointers that are nil in an interface that is not.
type (
	nobodysShared struct{ store.Shared }
	nobodysMany   struct{ store.Many }
)

// Each field that is wrong is named, and none that is right.
func TestConfigProblemsAreNamedAlone(t *testing.T) {
	const negative = "store/tiered: FarWait, FarTimeout, BreakerTimeout, Margins.Margin and Margins.Guard must not be negative"
	isNil := func(field string) string {
		return "store/tiered: " + field + " is a nil pointer: set one that was made, or leave it nil"
	}
	for name, c := range map[string]struct {
		spoil func(*tiered.Config)
		want  string
	}{
		"nothing":          {func(*tiered.Config) {}, ""},
		"shortest":         {func(c *tiered.Config) { c.FarWait, c.FarTimeout, c.BreakerTimeout = 1, 1, 1 }, ""},
		"Near":             {func(c *tiered.Config) { c.Near = nil }, "store/tiered: Near and Far are required"},
		"Far":              {func(c *tiered.Config) { c.Far = nil }, "store/tiered: Near and Far are required"},
		"nil Near":         {func(c *tiered.Config) { c.Near = (*store.Map)(nil) }, isNil("Near")},
		"nil Far":          {func(c *tiered.Config) { c.Far = (*store.Map)(nil) }, isNil("Far")},
		"nil Lease":        {func(c *tiered.Config) { c.Lease = (*leasemap.Map)(nil) }, isNil("Lease")},
		"nil Shared":       {func(c *tiered.Config) { c.Shared = (*nobodysShared)(nil) }, isNil("Shared")},
		"nil Many":         {func(c *tiered.Config) { c.Many = (*nobodysMany)(nil) }, isNil("Many")},
		"nil Watch":        {func(c *tiered.Config) { c.Watch = (*watch)(nil) }, isNil("Watch")},
		"Lazy":             {func(c *tiered.Config) { c.Lazy = true }, ""},
		"Watch":            {func(c *tiered.Config) { c.Watch = new(watch) }, ""},
		"Lazy and a Watch": {func(c *tiered.Config) { c.Lazy, c.Watch = true, new(watch) }, "store/tiered: Watch has no effect with Lazy: set one of the two"},
		"FarWait":          {func(c *tiered.Config) { c.FarWait = -1 }, negative},
		"FarTimeout":       {func(c *tiered.Config) { c.FarTimeout = -1 }, negative},
		"BreakerTimeout":   {func(c *tiered.Config) { c.BreakerTimeout = -1 }, negative},
		"Margin":           {func(c *tiered.Config) { c.Margins.Margin = -1 }, negative},
		"Guard":            {func(c *tiered.Config) { c.Margins.Guard = -1 }, negative},
	} {
		cfg := tiered.Config{Near: new(store.Map), Far: new(store.Map)}
		c.spoil(&cfg)
		s, err := tiered.New(cfg)
		if err == nil {
			_ = s.Close()
		}
		if got := textOf(err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// How long a call waits for Far, and an operation on it lasts: by default, as set, and in a lazy
// store, in which nothing outlasts its call.
func TestHowLongFarMayTake(t *testing.T) {
	for name, c := range map[string]struct {
		cfg        tiered.Config
		wait, ends time.Duration
	}{
		"by default":            {tiered.Config{}, 250 * time.Millisecond, 5 * time.Second},
		"as set":                {tiered.Config{FarWait: time.Second, FarTimeout: 3 * time.Second}, time.Second, 3 * time.Second},
		"lazy":                  {tiered.Config{Lazy: true}, 250 * time.Millisecond, 250 * time.Millisecond},
		"lazy, and shorter yet": {tiered.Config{Lazy: true, FarTimeout: 100 * time.Millisecond}, 100 * time.Millisecond, 100 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := new(heeds)
				c.cfg.Near, c.cfg.Far, c.cfg.Logger = new(store.Map), h, slog.New(slog.DiscardHandler)
				s, err := tiered.New(c.cfg)
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				began := time.Now()
				if _, err := s.Get(t.Context(), key); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("got %v", err)
				}
				if d := time.Since(began); d != c.wait {
					t.Errorf("a call waited %v, want %v", d, c.wait)
				}
				time.Sleep(time.Minute)
				if d := time.Duration(h.ended.Load()); d != c.ends {
					t.Errorf("the operation ended after %v, want %v", d, c.ends)
				}
			})
		})
	}
}

// heeds is a store whose Get lasts as long as its context.
type heeds struct {
	store.Map
	ended atomic.Int64 // the time.Duration after which it did
}

func (h *heeds) Get(ctx context.Context, _ string) (store.Token, error) {
	began := time.Now()
	<-ctx.Done()
	h.ended.Store(int64(time.Since(began)))
	return store.Token{}, ctx.Err()
}
