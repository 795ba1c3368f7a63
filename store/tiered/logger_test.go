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
