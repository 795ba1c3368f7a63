package tally_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/tally"
)

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c tally.Tally
		began := time.Now()
		var all sync.WaitGroup
		for n := range 6 {
			all.Go(func() {
				if err := c.Wait(t.Context(), n); err != nil || time.Since(began) != time.Duration(n)*time.Second {
					t.Errorf("waited %v for %d: %v", time.Since(began), n, err)
				}
			})
		}
		for range 5 {
			time.Sleep(time.Second)
			c.Add()
		}
		all.Wait()
		if c.Count() != 5 || c.Wait(t.Context(), -1) != nil {
			t.Error(c.Count())
		}
	})
}

func TestWaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c tally.Tally
		c.Add()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Wait(ctx, 2); !errors.Is(err, context.DeadlineExceeded) || err.Error() != "1 of 2: context deadline exceeded" {
			t.Error(err)
		}
		time.AfterFunc(time.Second, c.End)
		if err := c.Wait(t.Context(), 2); !errors.Is(err, tally.ErrEnded) {
			t.Error(err)
		}
		if err := c.Wait(ctx, 1); err != nil {
			t.Error("what was counted is not known any more:", err)
		}
	})
}
