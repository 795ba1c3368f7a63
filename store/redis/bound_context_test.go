package redis_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// noting is a hook in place of a server: it notes the context of each command, which takes a while, gives
// the lease, and fails all else.
type noting struct {
	mu   sync.Mutex
	seen []context.Context
}

func (n *noting) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (n *noting) ProcessHook(goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		n.note(ctx)
		if script, ok := cmd.(*goredis.Cmd); ok && slices.Contains(cmd.Args(), any(leaseKey)) {
			script.SetVal([]any{"yours", ""})
			return nil
		}
		return errHook
	}
}

func (n *noting) ProcessPipelineHook(goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, _ []goredis.Cmder) error { n.note(ctx); return errHook }
}

func (n *noting) note(ctx context.Context) {
	n.mu.Lock()
	n.seen = append(n.seen, ctx)
	n.mu.Unlock()
	time.Sleep(100 * time.Millisecond)
}

// open returns how many contexts were seen, and how many of them have not ended.
func (n *noting) open() (seen, open int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, ctx := range n.seen {
		if seen++; ctx.Err() == nil {
			open++
		}
	}
	n.seen = nil
	return seen, open
}

// waitsOf returns all that waits for Redis, by name.
func waitsOf(s *redisstore.Store, l *redisstore.Lease, tok store.Token) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Get":  func(ctx context.Context) error { _, err := s.Get(ctx, tokenKey); return err },
		"Look": func(ctx context.Context) error { _, _, err := s.Look(ctx, tokenKey, tok, 0); return err },
		"LookAll": func(ctx context.Context) error {
			return s.LookAll(ctx, []store.Looking{{Key: tokenKey, Had: tok}})[0].Err
		},
		"CompareAndSwap": func(ctx context.Context) error {
			_, err := s.CompareAndSwap(ctx, tokenKey, store.Token{}, tok)
			return err
		},
		"Restore": func(ctx context.Context) error {
			_, err := s.Restore(ctx, tokenKey, store.Token{}, tok)
			return err
		},
		"RestoreAll": func(ctx context.Context) error {
			return s.RestoreAll(ctx, []store.Restoring{{Key: tokenKey, Token: tok}})[0].Err
		},
		"CompareAndDelete": func(ctx context.Context) error { return s.CompareAndDelete(ctx, tokenKey, tok) },
		"Acquire": func(ctx context.Context) error {
			outcome, err := l.Acquire(ctx, tokenKey, lease.Ask{})
			outcome.Drop()
			return err
		},
	}
}

// What an operation takes is gone from the time that its call may wait for Redis, and the context of its
// commands ends with it: a hook of the client may have begun something that waits for that.
func TestTimeAndContextOfAnOperation(t *testing.T) {
	for _, honours := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			const timeout = 10 * time.Second
			client, noted := newClient(t, redisstore.Options("127.0.0.1:1")), new(noting)
			client.AddHook(noted)
			s := mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: honours, Timeout: timeout})
			l := processOn(t, s, redisstore.LeaseConfig{}).Lease
			for name, do := range waitsOf(s, l, token(t, "the-token", longest)) {
				for _, most := range []time.Duration{timeout / 2, 2 * timeout} {
					ctx, call := farwait.With(t.Context(), most)
					began := time.Now()
					if err := do(ctx); !errors.Is(err, errHook) && name != "Acquire" {
						t.Errorf("%s: %v", name, err)
					}
					took := time.Since(began)
					if took < 100*time.Millisecond || call.Left() != most-took {
						t.Errorf("%s took %v of %v, and left %v", name, took, most, call.Left())
					}
					time.Sleep(500 * time.Millisecond) // a lease is given back in the background
					if seen, open := noted.open(); seen == 0 || open > 0 {
						t.Errorf("%s: %d contexts of %d have not ended", name, open, seen)
					}
				}
			}
		})
	}
}
