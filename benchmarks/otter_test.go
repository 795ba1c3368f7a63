package benchmarks

import (
	"context"
	"testing"
	"time"

	"github.com/maypok86/otter/v2"
)

// keyedOtter is a loading cache with an expiry and a renewal. It does: a hit without
// a lock, one load for all callers of a key, renewal in the background by the first
// hit in the last part of a token's life. It does not: let a waiting caller leave,
// remember a failure, share.
func keyedOtter(tb testing.TB, gw *gateway, capacity int) keyedGetter {
	left := func(e otter.Entry[string, *issued]) time.Duration { return time.Until(e.Value.expiry) }
	cache := must(otter.New(&otter.Options[string, *issued]{
		MaximumSize:      capacity,
		ExpiryCalculator: otter.ExpiryWritingFunc(left),
		RefreshCalculator: otter.RefreshWritingFunc(func(e otter.Entry[string, *issued]) time.Duration {
			return left(e) - gw.renewal()
		}),
		Logger: &otter.NoopLogger{},
	}))
	tb.Cleanup(func() { cache.StopAllGoroutines() })
	load := otter.LoaderFunc[string, *issued](func(ctx context.Context, _ string) (*issued, error) {
		t, err := gw.issue(ctx)
		return &t, err
	})
	return func(ctx context.Context, key string) (string, error) {
		t, err := cache.Get(ctx, key, load)
		if err != nil {
			return "", err
		}
		return t.text, nil
	}
}
