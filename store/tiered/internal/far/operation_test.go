package far_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered/internal/far"
)

// A far store that is down is left alone by looks too, until the breaker allows one.
func TestALookLeavesAFarStoreAloneThatIsDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := far.New(far.Config{
			Store: new(store.Map), Name: "far", Wait: time.Second, Timeout: 5 * time.Second, BreakerTimeout: 5 * time.Second, Logger: slog.New(slog.DiscardHandler),
		})
		defer f.Close()
		looks, down := 0, errors.New("connection refused")
		look := func() error {
			_, err := f.Look([]string{"a"}, func(context.Context) (store.Token, error) { looks++; return store.Token{}, down }).Result()
			return err
		}
		for range 3 {
			if err := look(); err == nil {
				t.Error("no error")
			}
		}
		if looks != 1 {
			t.Errorf("%d looks at a far store that is down, want one", looks)
		}
		time.Sleep(5*time.Second + time.Millisecond)
		if down = nil; look() != nil || looks != 2 {
			t.Errorf("%d looks, want another one when the breaker allows it", looks)
		}
	})
}

// A key that is followed anew while a look at it is queued is written back twice in one operation,
// which must not wait for itself: all later writes of the key would wait for it.
func TestAKeyThatIsThereTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := far.New(far.Config{
			Store: new(store.Map), Name: "far", Wait: time.Second, Timeout: 5 * time.Second, BreakerTimeout: 5 * time.Second, Logger: slog.New(slog.DiscardHandler),
		})
		defer f.Close()
		writes := 0
		write := func(context.Context) (store.Token, error) { writes++; return store.Token{}, nil }
		for range 2 { // the second one waits for the first
			if _, err := f.WriteBehind([]string{"a", "b", "a"}, write).Result(); err != nil {
				t.Fatal(err)
			}
		}
		if f.Writing("a") || f.Writing("b") || writes != 2 {
			t.Errorf("%d writes, and one is under way: %v, %v", writes, f.Writing("a"), f.Writing("b"))
		}
	})
}
