package topology_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
)

func TestSentinelFailover(t *testing.T) {
	t.Parallel()
	s := redistest.StartSentinel(t, "--user", "advoware", "on", ">servers", "~*", "&*", "+@all", "-@admin")
	for _, one := range s.Sentinels {
		one.Do("ACL", "SETUSER", "watcher", "on", ">sentinels", "+subscribe", "+ping",
			"+sentinel|get-master-addr-by-name", "+sentinel|sentinels", "&*")
	}
	addrs := s.Addrs()
	url := fmt.Sprintf("redis://watcher:sentinels@%s?addr=%s&addr=%s&master_name=%s&username=advoware&password=servers",
		addrs[0], addrs[1], addrs[2], redistest.MasterName)
	for _, wrong := range []string{strings.Replace(url, ":sentinels", ":wrong", 1), strings.Replace(url, "=servers", "=wrong", 1)} {
		fake := newFake(t, clienttest.Options{})
		wantUnreached(t, fake, reaching(t, fake, "REDIS_URL="+wrong+"&"+unhurried), "WRONGPASS")
	}
	for _, one := range s.Sentinels {
		one.Do("ACL", "LOG", "RESET")
	}
	failover(t, url, s.Master, s.Failover)
	for _, one := range s.Sentinels {
		if denied := one.Do("ACL", "LOG"); fmt.Sprint(denied) != "[]" {
			t.Errorf("a sentinel denied: %v", denied)
		}
	}
}

func TestClusterNodeKilled(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t)
	addrs := c.Addrs()
	url := fmt.Sprintf("redis://%s?addr=%s&addr=%s", addrs[0], addrs[1], addrs[2])
	owner := func() *redistest.Server { return c.Owner(advoware.DefaultTokenKey) }
	failover(t, url, owner, func() { c.Failover(advoware.DefaultTokenKey) })

	for _, node := range c.Masters() {
		keys, _ := node.Do("KEYS", "*").([]any)
		for _, key := range keys {
			if strings.Contains(key.(string), advoware.DefaultTokenKey) && node != owner() {
				t.Errorf("%v is not beside the token", key)
			}
			if ttl := node.Do("PTTL", key.(string)); ttl.(int64) < 0 {
				t.Errorf("%v has no TTL: %v", key, ttl)
			}
		}
	}
}

// failover makes calls while the server that has the token dies and another one takes
// its place.
func failover(t *testing.T, url string, owner func() *redistest.Server, kill func()) {
	fake := newFake(t, clienttest.Options{})
	cfg := reaching(t, fake, "REDIS_URL="+url, "ADVOWARE_TOKEN_KEY=", "REDIS_TIMEOUT_SECONDS=5")
	cfg.Store = advoware.StoreTiered
	a, b := open(t, cfg), open(t, cfg)
	mustCall(t, a)
	inRedis := func() any { return owner().Do("GET", cfg.TokenKey) }
	waitUntil(t, "the token is in Redis", func() bool { return inRedis() != nil })

	mustCall(t, b)
	late := func() int { return int(a.Stats().StoreErrors + b.Stats().StoreErrors) } // as in e2etest.WantRequests
	most := 2 + late()                                                               // so far Redis was well
	stop := load(t, a, b)
	kill()
	if n := fake.Counts().TokenRequests; n > most {
		t.Errorf("%d token requests, want %d at most", n, most)
	}
	waitUntil(t, "both use the token of the new master", func() bool {
		text, _ := inRedis().(string)
		tok, _ := store.NewToken(text, time.Time{}, time.Time{})
		return !tok.IsZero() && a.Status().Fingerprint == tok.Fingerprint() && b.Status().Fingerprint == tok.Fingerprint()
	})
	before, lateBefore := fake.Counts().TokenRequests, late()
	old := inRedis()
	if _, err := a.Source().Refresh(t.Context()); err != nil {
		t.Error(err)
	}
	waitUntil(t, "the next token is in Redis", func() bool { return inRedis() != nil && inRedis() != old })
	calls := stop()
	if n := fake.Counts().TokenRequests - before; n < 1 || n > 1+late()-lateBefore {
		t.Errorf("%d token requests for one Refresh; %d times a client did without Redis", n, late()-lateBefore)
	}
	t.Logf("%d calls, none failed", calls)

	// Who has nothing of his own finds it there as well.
	cfg.Store = advoware.StoreRedis
	c := open(t, cfg)
	waitUntil(t, "a store in Redis works", func() bool {
		_, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"})
		return err == nil
	})
	late = func() int { return int(a.Stats().StoreErrors + b.Stats().StoreErrors + c.Stats().StoreErrors) }
	if n := fake.Counts().TokenRequests - before; n < 1 || n > 1+late()-lateBefore {
		t.Errorf("%d token requests in the end", n)
	}
}

// load makes calls until stop is called, which reports the failed ones and returns how
// many there were in all.
func load(t *testing.T, doors ...*client.Client) (stop func() int64) {
	ctx, cancel := context.WithCancel(t.Context())
	var calls atomic.Int64
	var wg sync.WaitGroup
	for _, c := range doors {
		for range 2 {
			wg.Go(func() {
				for tick := time.NewTicker(5 * time.Millisecond); ctx.Err() == nil; <-tick.C {
					calls.Add(1)
					if _, err := c.Call(context.Background(), client.Request{Endpoint: "/employees"}); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	return func() int64 {
		cancel()
		wg.Wait()
		return calls.Load()
	}
}
