package redis_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// held answers every script with a lease that another process has for so long.
type held struct{ left time.Duration }

func (held) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (h held) ProcessHook(goredis.ProcessHook) goredis.ProcessHook {
	return func(_ context.Context, cmd goredis.Cmder) error {
		cmd.(*goredis.Cmd).SetVal([]any{"held", stranger, h.left.Milliseconds()})
		return nil
	}
}

func (held) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return next
}

// deaf is a Watch whose pushes are lost.
type deaf struct {
	link    uint64
	follows int
}

func (d *deaf) Follow(string, func(bool)) func() {
	d.follows++
	return func() { d.follows-- }
}

func (d *deaf) Link() uint64 { return d.link }

// A push may be lost, so that a process which waits for another one looks again after a second
// at the latest, and when the lease of a holder that died must have ended. Without pushes it
// polls.
func TestWaitsForALostPushASecond(t *testing.T) {
	for name, tt := range map[string]struct {
		watch redisstore.Watch
		left  time.Duration
		want  time.Duration
	}{
		"a long lease":           {&deaf{link: 1}, 9 * time.Second, time.Second},
		"a lease that ends soon": {&deaf{link: 1}, 300 * time.Millisecond, 301 * time.Millisecond},
		"a lease that ends now":  {&deaf{link: 1}, 5 * time.Millisecond, 25 * time.Millisecond},
		"no pushes now":          {&deaf{}, 9 * time.Second, 25 * time.Millisecond},
		"no pushes at all":       {nil, 9 * time.Second, 25 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := goredis.NewClient(redisstore.Options("127.0.0.1:1"))
				defer client.Close()
				client.AddHook(held{tt.left})
				s := mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true})
				l, err := redisstore.NewLease(redisstore.LeaseConfig{Store: s, Watch: tt.watch})
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				outcome, err := l.Acquire(t.Context(), tokenKey, lease.Ask{})
				if err != nil || outcome.Wait == nil || outcome.Holder != stranger {
					t.Fatalf("%+v, %v", outcome, err)
				}
				began := time.Now()
				if err := outcome.Wait(t.Context()); err != nil {
					t.Error(err)
				}
				if took := time.Since(began); took != tt.want {
					t.Errorf("waited %v, want %v", took, tt.want)
				}
				if d, ok := tt.watch.(*deaf); ok && d.follows != 0 {
					t.Errorf("%d names are still followed", d.follows)
				}
			})
		})
	}
}
