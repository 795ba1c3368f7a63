package fleet_test

import (
	"errors"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// A Redis that is full holds no token; an endpoint that refuses costs three token requests
// a minute all the same, besides the first.
func TestFullRedisDoesNotMakeRefusalsDearer(t *testing.T) {
	for _, kind := range []advoware.StoreKind{advoware.StoreRedis, advoware.StoreTiered} {
		for name, every := range map[string]int{"always": 1, "every second": 2} {
			t.Run(string(kind)+"/"+name, func(t *testing.T) {
				srv := redistest.Start(t)
				srv.Do("CONFIG", "SET", "maxmemory", "1")
				rdb := goredis.NewClient(&goredis.Options{Addr: srv.Addr(), DB: 1})
				t.Cleanup(func() { _ = rdb.Close() })
				c, fake := sandboxed(t, func(cfg *advoware.Config) {
					cfg.Store, cfg.Redis.Client = kind, rdb
				})
				fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401, Times: -1, Every: every})
				for range 20 {
					_, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"})
					if every == 1 && !errors.Is(err, client.ErrUnauthorized) || every == 2 && err != nil {
						t.Errorf("a call: %v", err)
					}
				}
				if n := fake.Counts().TokenRequests; n > 1+3 {
					t.Errorf("%d token requests for 20 calls", n)
				}
			})
		}
	}
}
