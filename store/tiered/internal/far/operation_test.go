package far_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered/internal/far"
)

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
		write := func(context.Context) error { writes++; return nil }
		for range 2 { // the second one waits for the first
			if _, err := f.WriteAll([]string{"a", "b", "a"}, write).Result(); err != nil {
				t.Fatal(err)
			}
		}
		if f.Writing("a") || f.Writing("b") || writes != 2 {
			t.Errorf("%d writes, and one is under way: %v, %v", writes, f.Writing("a"), f.Writing("b"))
		}
	})
}
