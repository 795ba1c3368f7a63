package redis_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// A lease that comes when the time for it ends is handed out or given back, and not both, or neither:
// also with a client that does not heed its context.
func TestLeaseThatComesAtTheEnd(t *testing.T) {
	for name, after := range map[string]time.Duration{"just then": 0, "later": time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for range 200 { // which of the two comes first differs
					var released atomic.Int32
					r := &replies{command: func(cmd goredis.Cmder) error { // it takes a second
						switch args := len(cmd.Args()); {
						case args > 15: // it asks
							time.Sleep(after)
							cmd.(*goredis.Cmd).SetVal([]any{"yours", ""})
							return nil
						case args > 10: // and others prolong
							released.Add(1)
						}
						cmd.(*goredis.Cmd).SetVal(int64(1))
						return nil
					}}
					client := goredis.NewClient(redisstore.Options("127.0.0.1:1"))
					client.AddHook(r)
					s := mustNew(t, redisstore.Config{Client: client, Timeout: time.Second})
					outcome, err := processOn(t, s, redisstore.LeaseConfig{TTL: 10 * time.Second}).Acquire(t.Context(), tokenKey, lease.Ask{})
					time.Sleep(5 * time.Second)
					want := int32(1)
					if err == nil && outcome.Release != nil {
						want = 0
					}
					if n := released.Load(); n != want {
						t.Fatalf("got %+v, %v; released %d times, want %d", outcome, err, n, want)
					}
					outcome.Drop()
					_ = client.Close()
				}
			})
		})
	}
}
