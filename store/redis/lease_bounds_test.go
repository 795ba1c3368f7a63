package redis_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// The shortest and the longest TTL are taken, and who is told of a wrong one is told both.
func TestBoundsOfTheLeaseTTL(t *testing.T) {
	s := mustNew(t, redisstore.Config{Client: newClient(t, redisstore.Options("127.0.0.1:1"))})
	for ttl, ok := range map[time.Duration]bool{
		0: true, 30 * time.Millisecond: true, 10 * time.Second: true,
		-1: false, 1: false, 30*time.Millisecond - 1: false, 10*time.Second + 1: false,
	} {
		l, err := redisstore.NewLease(redisstore.LeaseConfig{Store: s, TTL: ttl})
		if (err == nil) != ok {
			t.Errorf("%v: %v", ttl, err)
		}
		if err == nil {
			_ = l.Close()
			continue
		}
		if want := "LeaseConfig.TTL is " + ttl.String() + ", not between 30ms and 10s"; !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%v: %q does not end in %q", ttl, err, want)
		}
	}
}

// Of a list that is longer than ours, the first sixteen count.
func TestSeventeenthRefusalIsNotTold(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	now := fmt.Sprint(time.Now().UnixMilli())
	for before, told := range map[int]bool{15: true, 16: false} {
		value := strings.Repeat(refusal("pass-0", now, "60000", "no"), before) + refusal("pass-1", now, "60000", "no")
		srv.Do("SET", refusedKey, value, "EX", "60")
		p := newProcess(t, srv, redisstore.LeaseConfig{})
		if outcome := p.ask(t, lease.Ask{}); (outcome.Failure != nil) != told {
			t.Errorf("after %d others: %+v", before, outcome)
		}
		_ = p.Close()
	}
}

// A message of any length that one of ours may write is told, a longer one is not even read.
func TestMessageThatIsTooLongToBeRead(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	for length, told := range map[int]bool{128 * 512: true, 128*512 + 1: false} {
		srv.Do("HSET", failedKey, "holder", stranger, "credentials", digestOf("pass-1"), "kind", "outage", "message", strings.Repeat("x", length))
		srv.Do("EXPIRE", failedKey, "60")
		p := newProcess(t, srv, redisstore.LeaseConfig{})
		if outcome := p.ask(t, lease.Ask{Holder: stranger, Tried: true}); (outcome.Failure != nil) != told {
			t.Errorf("%d bytes: %+v", length, outcome)
		}
		_ = p.Close()
	}
}
