//go:build !race

package token_test

import (
	"context"
	"runtime"
	"runtime/metrics"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// A waiter needs no more stack than a goroutine begins with, 2 KiB, neither while it waits
// nor when it takes the token. The race detector makes all frames larger.
func TestWaitersKeepTheirFirstStack(t *testing.T) {
	const waiters = 10_000
	beginSmall(t, waiters)
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := start(t, nil, token.Config{Fetch: func(context.Context) (store.Token, error) {
			<-release
			return store.NewToken("fetched", time.Now(), time.Now().Add(time.Hour))
		}})
		var before, waiting, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var all sync.WaitGroup
		for range waiters {
			all.Go(func() {
				if _, err := s.Token(context.Background(), 0); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		runtime.ReadMemStats(&waiting)
		close(release)
		all.Wait()
		runtime.ReadMemStats(&after)
		const most = 3 << 10
		if each := (int64(waiting.StackInuse) - int64(before.StackInuse)) / waiters; each > most {
			t.Errorf("%d bytes of stack for each waiter, want at most %d", each, most)
		}
		if each := (int64(after.StackInuse) - int64(before.StackInuse)) / waiters; each > most {
			t.Errorf("%d bytes of stack for each waiter that has its token, want at most %d", each, most)
		}
	})
}

// beginSmall has goroutines begin with 2 KiB until the test ends. The runtime begins them with
// the mean of what the others need, which it takes at each collection: where few goroutines run
// deep tests, that is more.
func beginSmall(t *testing.T, many int) {
	t.Helper()
	parked := make(chan struct{})
	var all sync.WaitGroup
	for range many {
		all.Go(func() { <-parked })
	}
	t.Cleanup(func() { close(parked); all.Wait() })
	runtime.GC()
	size := []metrics.Sample{{Name: "/gc/stack/starting-size:bytes"}}
	if metrics.Read(size); size[0].Value.Uint64() != 2<<10 {
		t.Fatalf("goroutines begin with %d bytes", size[0].Value.Uint64())
	}
}
