package advoware_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
)

// Close ends the lease of a fetch that is under way while it still has the connection for that:
// other processes need not wait until it runs out.
func TestCloseReleasesTheLease(t *testing.T) {
	for _, kind := range []advoware.StoreKind{advoware.StoreTiered, advoware.StoreRedis} {
		redis := miniredis.RunT(t) // in which nothing ends by itself
		synctest.Test(t, func(t *testing.T) {
			fake := newFake(t, clienttest.Options{InMemory: true})
			cfg := inBubble(t, fake, redis)
			begun := make(chan struct{}, 1)
			cfg.Store, cfg.Transport = kind, telling{hanging{fake.Transport()}, begun}
			stores, err := advoware.OpenStores(cfg)
			if err != nil {
				t.Fatal(err)
			}
			cfg.Shared = stores
			c := open(t, cfg)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() { _, _ = c.Call(ctx, client.Request{Endpoint: "/employees"}) }()
			<-begun
			if n := leases(redis); n != 1 {
				t.Fatalf("%v: %d leases in Redis during the fetch", kind, n)
			}
			if err := stores.Close(); err != nil {
				t.Errorf("%v: %v", kind, err)
			}
			if n := leases(redis); n != 0 {
				t.Errorf("%v: %d leases are left in Redis", kind, n)
			}
		})
	}
}

// telling tells of the first request.
type telling struct {
	http.RoundTripper
	begun chan<- struct{}
}

func (tell telling) RoundTrip(req *http.Request) (*http.Response, error) {
	select {
	case tell.begun <- struct{}{}:
	default:
	}
	return tell.RoundTripper.RoundTrip(req)
}

func leases(redis *miniredis.Miniredis) (n int) {
	for _, key := range redis.DB(redistest.DB).Keys() {
		if strings.HasSuffix(key, ":lock") {
			n++
		}
	}
	return n
}

// Close waits for a write that goes on after its call, and leaves it the connection for that.
func TestCloseWaitsForWritesThatAreUnderWay(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	redis := miniredis.RunT(t)
	hangs, goOn := make(chan struct{}, 10), make(chan struct{})
	redis.Server().SetPreHook(func(_ *server.Peer, cmd string, _ ...string) bool {
		if strings.HasPrefix(cmd, "EVAL") && fake.Counts().TokensIssued > 0 {
			hangs <- struct{}{}
			<-goOn
		}
		return false
	})
	cfg := config(t, fake, redis)
	cfg.Redis = advoware.RedisConfig{URL: secret.New("redis://" + redis.Addr() + "?" + e2etest.Unhurried)}
	stores, err := advoware.OpenStores(cfg)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Shared = stores
	mustCall(t, open(t, cfg)) // waits for Redis no longer than a call does
	<-hangs
	closed := make(chan error, 1)
	go func() { closed <- stores.Close() }()
	select {
	case <-closed:
		t.Error("the write was not waited for")
	case <-time.After(50 * time.Millisecond):
	}
	close(goOn)
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if !redis.DB(redistest.DB).Exists(cfg.TokenKey) {
		t.Error("the token is not in Redis")
	}
}
