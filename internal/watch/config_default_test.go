package watch_test

import (
	"context"
	stdlog "log"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/watch"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// timeouts are what may be configured, and what it means.
var timeouts = map[string]struct{ set, want time.Duration }{
	"by default": {0, 5 * time.Second},
	"as set":     {300 * time.Millisecond, 300 * time.Millisecond},
}

// A dialer has Timeout. A server that is not reached is not polled either.
func TestTimeoutOfADialer(t *testing.T) {
	for name, tt := range timeouts {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				took := make(chan time.Duration, 1000)
				o := redisstore.Options("redis:6379")
				o.Dialer = func(ctx context.Context, _, _ string) (net.Conn, error) {
					began := time.Now()
					<-ctx.Done()
					took <- time.Since(began)
					return nil, ctx.Err()
				}
				client, log := goredis.NewClient(o), new(logged)
				w := newWatch(t, client, watch.Config{Timeout: tt.set, Logger: log.logger()})
				w.Follow("tok", func(bool) {})
				time.Sleep(time.Minute)
				if len(took) < 5 {
					t.Errorf("it was tried %d times in a minute", len(took))
				}
				for len(took) > 1 {
					if got := <-took; got != tt.want {
						t.Errorf("it took %v, want %v", got, tt.want)
					}
				}
				if s := w.Stats(); s.Polls != 0 {
					t.Errorf("%+v; want no poll of a server that is not reached", s)
				}
				if text := log.String(); !strings.Contains(text, "dial: ") || !strings.Contains(text, "within "+tt.want.String()) || strings.Contains(text, "panic") {
					t.Errorf("want a log of what is wrong:\n%s", text)
				}
				_ = w.Close()
				_ = client.Close()
			})
		})
	}
}

// hanging is a hook with which each pipeline lasts as long as its context.
type hanging struct{ took chan time.Duration }

func (h hanging) DialHook(next goredis.DialHook) goredis.DialHook          { return next }
func (h hanging) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook { return next }
func (h hanging) ProcessPipelineHook(goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		began := time.Now()
		<-ctx.Done()
		h.took <- time.Since(began)
		for _, cmd := range cmds {
			cmd.SetErr(ctx.Err())
		}
		return ctx.Err()
	}
}

// A poll has Timeout too.
func TestTimeoutOfAPoll(t *testing.T) {
	for name, tt := range timeouts {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, except("CLIENT TRACKING", "-ERR no\r\n"))
				client, h := goredis.NewClient(f.options()), hanging{make(chan time.Duration, 1000)}
				client.AddHook(h)
				w := newWatch(t, client, watch.Config{Timeout: tt.set})
				w.Follow("tok", func(bool) {})
				time.Sleep(time.Minute)
				_ = w.Close()
				synctest.Wait()
				if len(h.took) < 5 {
					t.Errorf("%d polls in a minute", len(h.took))
				}
				for len(h.took) > 1 { // Close has ended the last one, perhaps
					if got := <-h.took; got != tt.want {
						t.Errorf("a poll took %v, want %v", got, tt.want)
					}
				}
				_ = client.Close()
				_ = f.ln.Close()
			})
		})
	}
}

// Polls are as far apart as is configured, and none is made when nothing is followed.
func TestPollsAsOftenAsConfigured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const poll = 300 * time.Millisecond
		f := newFake(t, except("CLIENT TRACKING", "-ERR no\r\n"))
		client := goredis.NewClient(f.options())
		w := newWatch(t, client, watch.Config{Poll: poll})
		stop := w.Follow("tok", func(bool) {})
		time.Sleep(10 * time.Second)
		at := f.times("GETRANGE TOK 0 16384")
		if len(at) < int(10*time.Second/poll) {
			t.Fatalf("%d polls", len(at))
		}
		for i, d := range at[1:] {
			if d -= at[i]; d > poll || d < poll/2 {
				t.Errorf("%v between two polls", d)
			}
		}
		stop()
		synctest.Wait()
		polls := w.Stats().Polls
		time.Sleep(time.Minute)
		if n := w.Stats().Polls; n != polls {
			t.Errorf("%d polls although nothing is followed", n-polls)
		}
		_ = w.Close()
		_ = client.Close()
		_ = f.ln.Close()
	})
}

// The shortest of all pauses is none, and does no harm.
func TestPollsWithoutAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, except("CLIENT TRACKING", "-ERR no\r\n"))
		client := goredis.NewClient(f.options())
		w := newWatch(t, client, watch.Config{Poll: 1})
		polled := make(chan bool, 1)
		w.Follow("tok", func(bool) { polled <- true })
		<-polled
		_ = w.Close()
		_ = client.Close()
		_ = f.ln.Close()
	})
}

// Without Renew nothing is called, and a replica is left all the same.
func TestWithoutRenew(t *testing.T) {
	inBubble(t, except("ROLE", "*1\r\n$7\r\nreplica\r\n"), func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		w.Follow("tok", func(bool) {})
		time.Sleep(time.Minute)
		if text := f.log.String(); !strings.Contains(text, "the server is a replica") || strings.Contains(text, "panic") {
			t.Errorf("want a log of what is wrong:\n%s", text)
		}
		_ = w.Close()
	})
}

// Without a Logger, records go where slog's own do.
func TestWithoutALogger(t *testing.T) {
	log, before, to, flags := new(logged), slog.Default(), stdlog.Writer(), stdlog.Flags()
	slog.SetDefault(log.logger())
	defer func() {
		slog.SetDefault(before)
		stdlog.SetOutput(to) // which SetDefault changes as well
		stdlog.SetFlags(flags)
	}()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, except("CLIENT TRACKING", "-ERR no\r\n"))
		client := goredis.NewClient(f.options())
		w, err := watch.New(watch.Config{Client: client})
		if err != nil {
			t.Fatal(err)
		}
		w.Follow("tok", func(bool) {})
		time.Sleep(time.Second)
		_ = w.Close()
		_ = client.Close()
		_ = f.ln.Close()
	})
	if text := log.String(); !strings.Contains(text, `server=redis:6379 reason="the server answered CLIENT TRACKING with ERR no" every=5s`) {
		t.Errorf("logged:\n%s", text)
	}
}
