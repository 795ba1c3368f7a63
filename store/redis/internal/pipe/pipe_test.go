package pipe_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/redis/internal/pipe"
)

var incr = pipe.NewScript(`return redis.call('INCR', KEYS[1])`)

// counted counts exchanges, and can hold them up.
type counted struct {
	exchanges atomic.Int64
	hold      atomic.Pointer[chan struct{}]
}

func (c *counted) wait() {
	c.exchanges.Add(1)
	if hold := c.hold.Load(); hold != nil {
		<-*hold
	}
}

func (c *counted) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (c *counted) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error { c.wait(); return next(ctx, cmd) }
}

func (c *counted) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error { c.wait(); return next(ctx, cmds) }
}

func open(t *testing.T) (*pipe.Pipe, *counted) {
	t.Helper()
	o := redisstore.Options(redistest.Start(t).Addr())
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = 10*time.Second, 10*time.Second, 10*time.Second // on a busy machine
	o.PoolTimeout = time.Nanosecond                                                               // there is no waiting for a connection
	client, c := goredis.NewClient(o), new(counted)
	client.AddHook(c)
	t.Cleanup(func() { client.Close() })
	return pipe.New(client, 10*time.Second, true), c
}

// Any number of callers at once gets its replies, each its own, over the few connections that
// there are, in fewer exchanges than there are callers.
func TestManyCallersShareExchanges(t *testing.T) {
	const n = 2000
	p, c := open(t)
	hold := make(chan struct{})
	c.hold.Store(&hold)
	seen := make([]atomic.Bool, n+1)
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			i, err := p.Run(t.Context(), incr, []string{"n"}).Int()
			if err != nil || seen[i].Swap(true) {
				t.Errorf("got %d, %v; want a number of its own", i, err)
			}
		})
	}
	c.hold.Store(nil)
	close(hold)
	all.Wait()
	if got := c.exchanges.Load(); got > n/4 {
		t.Errorf("%d exchanges for %d callers", got, n)
	}
}

// A caller whose time is up in the queue learns that the server was not asked, and its command
// is not sent any more.
func TestCallerLeavesTheQueue(t *testing.T) {
	p, c := open(t)
	if err := p.Run(t.Context(), incr, []string{"n"}).Err(); err != nil {
		t.Fatal(err)
	}
	hold := make(chan struct{})
	c.hold.Store(&hold)
	before := c.exchanges.Load()
	var all sync.WaitGroup
	for range 5 { // all connections
		all.Go(func() { _ = p.Run(context.Background(), incr, []string{"n"}).Err() })
	}
	for deadline := time.Now().Add(10 * time.Second); c.exchanges.Load() < before+2 && time.Now().Before(deadline); {
		<-time.After(time.Millisecond)
	}
	ctx, leave := context.WithCancel(t.Context())
	ended := make(chan error)
	for range 100 {
		go func() { ended <- p.Run(ctx, incr, []string{"left"}).Err() }()
	}
	leave()
	busy := 0
	for range 100 {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v; want the end of the context", err)
		} else if errors.Is(err, store.ErrBusy) {
			busy++
		}
	}
	if busy == 0 {
		t.Error("no caller was told that the server was not asked")
	}
	c.hold.Store(nil)
	close(hold)
	all.Wait()
}

// A queue that does not move is no excuse for a server that does not answer.
func TestServerThatHangsIsNoBusyProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, c := redisstore.Options("far away"), new(counted)
		o.Dialer = (&faraway{scripts: make(map[string]bool)}).dial
		client := goredis.NewClient(o)
		client.AddHook(c)
		defer time.Sleep(time.Second) // what is on its way arrives
		defer client.Close()
		p := pipe.New(client, 10*time.Second, true)
		hold := make(chan struct{})
		c.hold.Store(&hold)
		var all sync.WaitGroup
		for range 2 { // the second one is in the queue, behind a connection that is not made
			all.Go(func() {
				ctx, cancel := context.WithTimeout(farwait.Fresh(t.Context(), time.Minute), time.Second)
				defer cancel()
				err := p.Run(ctx, incr, []string{"n"}).Err()
				if errors.Is(err, store.ErrBusy) {
					t.Errorf("got %v; want the end of the context alone", err)
				}
				if queued := farwait.Queued(ctx); queued > time.Second/2 {
					t.Errorf("%v count as spent in the queue", queued)
				}
			})
		}
		time.Sleep(1200 * time.Millisecond)
		c.hold.Store(nil)
		close(hold)
		all.Wait()
	})
}
