package far_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered/internal/far"
)

// A far store that can be read and takes no writes is warned of once. A write that was not needed by
// the time its turn came does not show that it takes them again.
func TestNeedlessWriteDoesNotRepeatTheWarning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		f := far.New(far.Config{
			Store: new(store.Map), Name: "far", Wait: time.Second, Timeout: 5 * time.Second, BreakerTimeout: 5 * time.Second,
			Logger: slog.New(slog.NewTextHandler(&log, nil)),
		})
		defer f.Close()
		full := errors.New("no space left")
		for i, c := range []struct {
			err      error
			warnings int
		}{{full, 1}, {far.ErrNotAsked, 1}, {full, 1}, {nil, 1}, {full, 2}} {
			_, _ = f.WriteBehind([]string{"a"}, func(context.Context) (store.Token, error) { return store.Token{}, c.err }).Result()
			if n := strings.Count(log.String(), "takes no writes"); n != c.warnings {
				t.Errorf("write %d: %d warnings, want %d", i+1, n, c.warnings)
			}
		}
	})
}
