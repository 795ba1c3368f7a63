package lazy_test

import (
	"runtime"
	"runtime/metrics"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/internal/e2etest"
)

// A whole client plans nothing: in a thousand hours no timer calls a function, and no goroutine
// is left that one could wake.
func TestNoTimerBetweenCalls(t *testing.T) {
	for name, lazy := range map[string]bool{"lazy": true, "not lazy": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, fake := e2etest.Sandboxed(t, func(cfg *advoware.Config) { cfg.Lazy = lazy })
				for range 120 { // more than the life of a token
					e2etest.MustCall(t, c)
					time.Sleep(time.Minute)
				}
				if n := fake.Counts(); n.Unauthorized != 0 || n.TokenRequests > 3 {
					t.Errorf("%+v in two hours", n)
				}
				fake.Transport().CloseIdleConnections() // of the caller's, which are not lazy
				synctest.Wait()
				runtime.GC() // whose goroutines are counted too
				before := created()
				time.Sleep(1000 * time.Hour)
				synctest.Wait()
				if did := created() != before; did == lazy {
					t.Errorf("%d goroutines in 1000 hours", created()-before)
				}
			})
		})
	}
}

// created returns how many goroutines there have been in the process: a timer that calls a
// function makes one.
func created() uint64 {
	s := []metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
