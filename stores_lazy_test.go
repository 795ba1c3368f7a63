package advoware_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client/clienttest"
)

// stuck is a Redis that answers nothing. It notes how long each command waits for it.
type stuck struct {
	mu    sync.Mutex
	waits []time.Duration
}

func (s *stuck) wait(ctx context.Context) error {
	began := time.Now()
	<-ctx.Done()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits = append(s.waits, time.Since(began))
	return ctx.Err()
}

func (s *stuck) longest() (d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.waits {
		d = max(d, w)
	}
	return d
}

func (*stuck) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (s *stuck) ProcessHook(goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		err := s.wait(ctx)
		cmd.SetErr(err)
		return err
	}
}

func (s *stuck) ProcessPipelineHook(goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, _ []goredis.Cmder) error { return s.wait(ctx) }
}

func noDial(context.Context, string, string) (net.Conn, error) { return nil, net.ErrClosed }

// A lazy process leaves no command of Redis under way that outlasts its call. Another one goes on
// with a write, for as long as Redis.Timeout.
func TestCommandsOfALazyProcessEndWithTheCall(t *testing.T) {
	for name, c := range map[string]struct {
		lazy          bool
		timeout, want time.Duration
	}{
		"lazy": {true, 2 * time.Second, 250 * time.Millisecond}, "lazy, by default": {true, 0, 250 * time.Millisecond},
		"not lazy": {false, 2 * time.Second, 2 * time.Second}, "not lazy, by default": {false, 0, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rdb := goredis.NewClient(&goredis.Options{Addr: "127.0.0.1:1", DB: 1, Dialer: noDial})
				defer rdb.Close()
				redis := new(stuck)
				rdb.AddHook(redis)
				cfg, fake := advowaretest.Config(t, clienttest.Options{InMemory: true})
				cfg.Store, cfg.Lazy, cfg.Redis.Client, cfg.Redis.Timeout = advoware.StoreTiered, c.lazy, rdb, c.timeout
				cl := open(t, cfg)
				mustCall(t, cl)
				mustCall(t, cl)
				time.Sleep(10 * time.Second)
				if err := cl.Close(); err != nil {
					t.Error(err)
				}
				if got := redis.longest(); got != c.want || fake.Counts().TokenRequests != 1 {
					t.Errorf("a command waited %v, want %v; %d token requests", got, c.want, fake.Counts().TokenRequests)
				}
			})
		})
	}
}

// broken is a Redis that answers each command with an error, and counts them.
type broken struct{ commands atomic.Int64 }

var errBroken = errors.New("MISCONF it cannot write")

func (*broken) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (b *broken) ProcessHook(goredis.ProcessHook) goredis.ProcessHook {
	return func(_ context.Context, cmd goredis.Cmder) error {
		b.commands.Add(1)
		cmd.SetErr(errBroken)
		return errBroken
	}
}

func (b *broken) ProcessPipelineHook(goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(_ context.Context, cmds []goredis.Cmder) error {
		b.commands.Add(int64(len(cmds)))
		for _, cmd := range cmds {
			cmd.SetErr(errBroken)
		}
		return errBroken
	}
}

// A lazy process does nothing between its calls: what could not be written is written by a call.
// Another one tries it in the background.
func TestALazyProcessIsIdleBetweenCalls(t *testing.T) {
	for name, lazy := range map[string]bool{"lazy": true, "not lazy": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rdb := goredis.NewClient(&goredis.Options{Addr: "127.0.0.1:1", DB: 1, Dialer: noDial})
				defer rdb.Close()
				redis := new(broken)
				rdb.AddHook(redis)
				cfg, _ := advowaretest.Config(t, clienttest.Options{InMemory: true})
				cfg.Store, cfg.Lazy, cfg.Redis.Client = advoware.StoreTiered, lazy, rdb
				cl := open(t, cfg)
				mustCall(t, cl)
				time.Sleep(250 * time.Millisecond)
				before := redis.commands.Load()
				time.Sleep(10 * time.Minute)
				if idle := redis.commands.Load() == before; idle != lazy || before == 0 {
					t.Errorf("%d commands during the call, %d after it", before, redis.commands.Load()-before)
				}
				if err := cl.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
