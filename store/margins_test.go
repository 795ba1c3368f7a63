package store_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/store"
)

func TestMargins(t *testing.T) {
	for _, c := range []struct {
		set, want    store.Margins
		life, shared time.Duration // of a token that lives for an hour
	}{
		{store.Margins{}, store.Margins{Guard: 10 * time.Second, Margin: 110 * time.Second}, time.Hour - 10*time.Second, 58 * time.Minute},
		{store.Margins{Guard: time.Minute}, store.Margins{Guard: time.Minute, Margin: 110 * time.Second}, 59 * time.Minute, 59*time.Minute - 110*time.Second},
		{store.Margins{Margin: time.Minute}, store.Margins{Guard: 10 * time.Second, Margin: time.Minute}, time.Hour - 10*time.Second, 59*time.Minute - 10*time.Second},
		{store.Margins{Guard: -1, Margin: -1}, store.Margins{Guard: -1, Margin: -1}, time.Hour + 1, time.Hour + 2},
	} {
		got := c.set.WithDefaults()
		if life, shared := got.Life(time.Hour), got.SharedLife(time.Hour); got != c.want || life != c.life || shared != c.shared {
			t.Errorf("%+v: got %+v, used for %v, shared for %v", c.set, got, life, shared)
		}
	}
}
