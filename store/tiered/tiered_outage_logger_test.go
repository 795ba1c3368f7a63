package tiered_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

func TestLoggerThatPanicsLosesNoToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := new(store.Map), new(far)
		s, err := tiered.New(tiered.Config{Near: near, Far: far, Logger: slog.New(panicHandler{})})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		far.hang()
		func() {
			defer func() {
				if v := recover(); v != nil {
					t.Errorf("panic: %v", v)
				}
			}()
			swap(t, s, store.Token{}, newToken(t, "a", time.Hour))
		}()
		holds(t, "near", near, "a")
		far.letGo()
	})
}

type panicHandler struct{ slog.Handler }

func (panicHandler) Enabled(context.Context, slog.Level) bool  { return true }
func (panicHandler) Handle(context.Context, slog.Record) error { panic("logger") }

// Nor does a hook or a logger that hangs hold a call up.
func TestWhatTellsOfAnOutageHoldsNoCallUp(t *testing.T) {
	for name, change := range map[string]func(*tiered.Config){
		"hook":   func(c *tiered.Config) { c.Hooks.FarDown = func(error) { time.Sleep(10 * time.Hour) } },
		"logger": func(c *tiered.Config) { c.Logger = slog.New(hanging{c.Logger.Handler()}) },
	} {
		for far, hangs := range map[string]time.Duration{"fails": 0, "hangs": time.Hour} {
			t.Run(name+"/"+far, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := newFar(hangs)
					cfg := tiered.Config{Near: new(store.Map), Far: f, Logger: slog.New(slog.DiscardHandler)}
					change(&cfg)
					s, err := tiered.New(cfg)
					if err != nil {
						t.Fatal(err)
					}
					for range 3 {
						if d := took(func() { _, _ = s.Get(t.Context(), key) }); d > tiered.DefaultFarWait {
							t.Errorf("a call took %v", d)
						}
						time.Sleep(time.Minute)
					}
					if d := took(func() { _ = s.Close() }); d > time.Second { // it waits a moment for what is told
						t.Errorf("Close took %v", d)
					}
					time.Sleep(20 * time.Hour) // for what hangs
				})
			})
		}
	}
}

// hanging is a slog.Handler.
type hanging struct{ slog.Handler }

func (hanging) Enabled(context.Context, slog.Level) bool { return true }

func (hanging) Handle(context.Context, slog.Record) error {
	time.Sleep(10 * time.Hour)
	return nil
}

func newFar(hangs time.Duration) *far {
	f := new(far)
	if f.set(errDown, 0); hangs > 0 {
		f.set(nil, hangs)
	}
	return f
}
