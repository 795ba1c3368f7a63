package watch_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/advoware-go/advoware/internal/watch"
)

// fakeCluster is two fake masters, of which each has one half of the slots.
type fakeCluster struct {
	masters map[string]*fakeRedis // by address
	client  *goredis.ClusterClient
	log     logged

	mu     sync.Mutex
	asked  []time.Duration // when it was asked which master has which slots
	answer func(context.Context) error
	start  time.Time
}

const first, second = "first:1", "second:1"

// inCluster runs a test in virtual time with a fake cluster whose masters answer in the same way.
func inCluster(t *testing.T, answer func([]string) string, test func(*testing.T, *fakeCluster, *watch.Watch)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCluster{masters: map[string]*fakeRedis{first: newFake(t, answer), second: newFake(t, answer)}, start: time.Now()}
		dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
			return c.masters[addr].options().Dialer(ctx, network, "redis:6379")
		}
		c.client = goredis.NewClusterClient(&goredis.ClusterOptions{
			Addrs: []string{first}, Dialer: dial, ClusterSlots: c.slots, Protocol: 2, MaxRetries: -1, DisableIdentity: true,
			MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		})
		w := newWatch(t, c.client, watch.Config{Logger: c.log.logger()})
		test(t, c, w)
		_ = w.Close()
		_ = c.client.Close()
		for _, m := range c.masters {
			_ = m.ln.Close()
		}
		time.Sleep(time.Minute) // for what the client does behind
	})
}

func (c *fakeCluster) slots(ctx context.Context) ([]goredis.ClusterSlot, error) {
	c.mu.Lock()
	c.asked = append(c.asked, time.Since(c.start))
	answer := c.answer
	c.mu.Unlock()
	if answer != nil {
		if err := answer(ctx); err != nil {
			return nil, err
		}
	}
	half := func(from, to int, addr string) goredis.ClusterSlot {
		return goredis.ClusterSlot{Start: from, End: to, Nodes: []goredis.ClusterNode{{Addr: addr}}}
	}
	return []goredis.ClusterSlot{half(0, 8191, first), half(8192, 16383, second)}, nil
}

// lookups returns when it was asked which master has which slots.
func (c *fakeCluster) lookups() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Duration(nil), c.asked...)
}

// of returns a name that begins with text and is on that master.
func (c *fakeCluster) of(t *testing.T, addr, text string) string {
	t.Helper()
	for i := range 100 {
		name := text + string(rune('a'+i%26)) + string(rune('a'+i/26))
		if on := c.on(t, name); on == addr {
			return name
		}
	}
	t.Fatalf("no name on %s", addr)
	return ""
}

// on returns the address of the master that has a name.
func (c *fakeCluster) on(t *testing.T, name string) string {
	t.Helper()
	master, err := c.client.MasterForKey(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return master.Options().Addr
}
