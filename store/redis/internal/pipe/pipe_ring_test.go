package pipe_test

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store/redis/internal/pipe"
)

// Of two servers one lets nobody in. Callers whose keys are on the other one do not wait for it.
func TestServerThatHangsHoldsUpNobodyElse(t *testing.T) {
	const patience = 2 * time.Second
	for range 5 { // which server a command without a key goes to is left to chance
		synctest.Test(t, func(t *testing.T) {
			well := &faraway{trip: 5 * time.Millisecond, scripts: make(map[string]bool)}
			ring := goredis.NewRing(&goredis.RingOptions{
				Addrs: map[string]string{"a": "192.0.2.1:1", "b": "192.0.2.2:1"}, Protocol: 2, DisableIdentity: true, MaxRetries: -1, DialerRetries: 1,
				DialTimeout: 5 * time.Second, PoolTimeout: 250 * time.Millisecond, ContextTimeoutEnabled: true, PoolSize: 8,
				Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
					if addr == "192.0.2.2:1" {
						<-ctx.Done()
						return nil, ctx.Err()
					}
					return well.dial(ctx, network, addr)
				},
			})
			defer time.Sleep(time.Minute) // what is on its way ends
			defer ring.Close()
			key := ""
			for i := 0; ; i++ { // one of the server that is well
				key = fmt.Sprint("n", i)
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				err := ring.Get(ctx, key).Err()
				if cancel(); err == nil {
					break
				}
			}
			p := pipe.New(ring, 5*time.Second, true)
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() {
					for range 50 {
						ctx, cancel := context.WithTimeout(farwait.Fresh(t.Context(), time.Minute), patience)
						began := time.Now()
						if err := p.Run(ctx, incr, []string{key}).Err(); err != nil {
							t.Errorf("after %v: %v", time.Since(began), err)
						}
						cancel()
						time.Sleep(20 * time.Millisecond)
					}
				})
			}
			all.Wait()
		})
	}
}
