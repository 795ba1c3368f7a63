package advoware_test

import (
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// Many doors on one real Redis that start cold at the same moment, as processes do.
func TestFleetThatStartsColdMakesOneTokenRequest(t *testing.T) {
	for _, kind := range []advoware.StoreKind{advoware.Tiered, advoware.Redis} {
		t.Run(string(kind), func(t *testing.T) {
			fake := newFake(t, clienttest.Options{TokenLatency: 300 * time.Millisecond})
			srv := redistest.Start(t)
			var wg sync.WaitGroup
			for range 4 {
				cfg := config(t, fake, nil)
				cfg.Store = kind
				host, port, _ := net.SplitHostPort(srv.Addr())
				cfg.Redis.Host = host
				cfg.Redis.Port, _ = strconv.Atoi(port)
				c := open(t, cfg)
				for range 8 {
					wg.Go(func() { mustCall(t, c) })
				}
			}
			wg.Wait()
			if n := fake.Counts().TokenRequests; n != 1 {
				t.Errorf("%d token requests", n)
			}
		})
	}
}
