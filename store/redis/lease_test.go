package redis_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

const leaseKey = "{" + tokenKey + "}:lock"

func newLease(t *testing.T, srv *redistest.Server, ttl time.Duration) *redisstore.Lease {
	t.Helper()
	l, err := redisstore.NewLease(redisstore.LeaseConfig{Client: newClient(t, patient(srv.Addr())), TTL: ttl})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func acquire(t *testing.T, l *redisstore.Lease) (release func(), held bool) {
	t.Helper()
	release, held, err := l.Acquire(t.Context(), tokenKey)
	if err != nil {
		t.Fatalf("Acquire: %v", err)
	}
	return release, held
}

func TestOneOfManyHasTheLease(t *testing.T) {
	srv := redistest.Start(t)
	var holders atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		l := newLease(t, srv, 0)
		for range 4 { // two in one process are two
			wg.Go(func() {
				if _, held, err := l.Acquire(context.Background(), tokenKey); err != nil {
					t.Error(err)
				} else if held {
					holders.Add(1)
				}
			})
		}
	}
	wg.Wait()
	if n := holders.Load(); n != 1 {
		t.Errorf("%d hold the lease", n)
	}
	if ttl := srv.Do("PTTL", leaseKey).(int64); ttl <= 0 || ttl > 3000 {
		t.Errorf("its TTL is %d ms", ttl)
	}
}

func TestReleasedLeaseIsFree(t *testing.T) {
	srv := redistest.Start(t)
	first, second := newLease(t, srv, 0), newLease(t, srv, 0)
	release, _ := acquire(t, first)
	if _, held := acquire(t, second); held {
		t.Fatal("held twice")
	}
	release()
	release()
	_ = first.Close() // waits until it has been given back
	if n := srv.Do("EXISTS", leaseKey); n != int64(0) {
		t.Error("still there")
	}
	if _, held := acquire(t, second); !held {
		t.Error("not free")
	}
}

func TestHolderThatLivesKeepsTheLease(t *testing.T) {
	srv := redistest.Start(t)
	const ttl = 300 * time.Millisecond
	_, _ = acquire(t, newLease(t, srv, ttl))
	other := newLease(t, srv, ttl)
	for range 20 { // three times the TTL
		if _, held := acquire(t, other); held {
			t.Fatal("taken from a holder that lives")
		}
		<-time.After(ttl / 6)
	}
}

func TestLeaseOfAHolderThatIsGoneIsTaken(t *testing.T) {
	srv := redistest.Start(t)
	srv.Do("SET", leaseKey, "somebody", "PX", "200")
	l := newLease(t, srv, 0)
	for {
		if _, held := acquire(t, l); held {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
}

func TestWhatIsNoLeaseIsReplaced(t *testing.T) {
	for name, poison := range map[string][]string{
		"no TTL":     {"SET", leaseKey, "somebody"},
		"wrong type": {"RPUSH", leaseKey, "x"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := redistest.Start(t)
			srv.Do(poison...)
			if _, held := acquire(t, newLease(t, srv, 0)); !held {
				t.Error("nobody would ever have it")
			}
			if ttl := srv.Do("PTTL", leaseKey).(int64); ttl <= 0 {
				t.Errorf("its TTL is %d", ttl)
			}
		})
	}
}

func TestStrangersLeaseIsNotGivenBack(t *testing.T) {
	srv := redistest.Start(t)
	l := newLease(t, srv, 0)
	release, _ := acquire(t, l)
	srv.Do("SET", leaseKey, "somebody", "PX", "60000") // ours ran out
	release()
	_ = l.Close()
	if got := srv.Do("GET", leaseKey); got != "somebody" {
		t.Errorf("%v", got)
	}
}

func TestLeaseWithoutRedisIsAnError(t *testing.T) {
	srv := redistest.Start(t)
	l := newLease(t, srv, 0)
	srv.Kill()
	if _, held, err := l.Acquire(t.Context(), tokenKey); err == nil || held {
		t.Errorf("held %v, %v", held, err)
	}
	_ = l.Close()
	_ = l.Close()
	if _, held, err := l.Acquire(t.Context(), tokenKey); err == nil || held {
		t.Errorf("after Close: held %v, %v", held, err)
	}
}

func TestNewLeaseNamesAllProblems(t *testing.T) {
	_, err := redisstore.NewLease(redisstore.LeaseConfig{TTL: -1})
	if err == nil || !strings.Contains(err.Error(), "Client") || !strings.Contains(err.Error(), "TTL") {
		t.Errorf("got %v", err)
	}
}
