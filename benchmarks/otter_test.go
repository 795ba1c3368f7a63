package benchmarks

import (
	"context"
	"testing"

	"github.com/maypok86/otter/v2"
)

// openOtter is a loading cache with an expiry, asked for one key.
func openOtter(tb testing.TB, gw *gateway) getter {
	cache, err := otter.New(&otter.Options[string, string]{
		MaximumSize:      100_000,
		ExpiryCalculator: otter.ExpiryWriting[string, string](lifetime),
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { cache.StopAllGoroutines() })
	load := otter.LoaderFunc[string, string](func(context.Context, string) (string, error) {
		text, _, _ := gw.issue()
		return text, nil
	})
	return func(ctx context.Context) (string, error) { return cache.Get(ctx, "advoware_access_token", load) }
}
