package watch_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/watch"
)

// both answers commands in other ways, by what they begin with.
func both(replies map[string]string) func([]string) string {
	return func(args []string) string {
		for command, reply := range replies {
			if strings.HasPrefix(strings.ToUpper(strings.Join(args, " ")), command) {
				return reply
			}
		}
		return working(args)
	}
}

// A server that did not answer polls for a while is asked at once whether it can push now, as it may
// be another one, and not before it answers.
func TestAsksAgainWhenPollsWorkAgain(t *testing.T) {
	const no = "-ERR no\r\n"
	inBubble(t, except("CLIENT TRACKING", no), func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		asked := func() int { return len(f.times("CLIENT TRACKING")) }
		w.Follow("tok", func(bool) {})
		for range 3 {
			time.Sleep(20 * time.Minute)
			for before := asked(); asked() == before; { // then it is not asked for 150 s at least
				time.Sleep(100 * time.Millisecond)
			}
			before := asked()
			f.now(both(map[string]string{"CLIENT TRACKING": no, "GETRANGE": "-LOADING wait\r\n"}))
			time.Sleep(time.Minute)
			if n := asked() - before; n != 0 {
				t.Errorf("asked %d times while polls failed", n)
			}
			f.now(except("CLIENT TRACKING", no))
			time.Sleep(5 * time.Second)
			if n := asked() - before; n != 1 {
				t.Errorf("asked %d times when polls worked again, want once", n)
			}
		}
		_ = w.Close()
	})
}

// A user without the right to GETRANGE is polled by GET from the first time on.
func TestFirstPollByGet(t *testing.T) {
	inBubble(t, both(map[string]string{"CLIENT TRACKING": "-ERR no\r\n", "GETRANGE": "-NOPERM no\r\n", "GET TOK": "$1\r\nx\r\n"}), func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		c := newCalls()
		w.Follow("tok", c.changed)
		time.Sleep(time.Second)
		if len(c) != 1 {
			t.Errorf("%d calls in the first second", len(c))
		}
		time.Sleep(time.Minute)
		if n := len(f.times("GETRANGE")); n != 1 {
			t.Errorf("%d polls by GETRANGE, want one", n)
		}
		c.await(t, true)
		c.quiet(t)
		_ = w.Close()
	})
}

// stuck is a hook with which a pipeline takes its time, whatever its context says, and which notes the
// commands.
type stuck struct {
	takes time.Duration
	names chan string
}

func (h stuck) DialHook(next goredis.DialHook) goredis.DialHook          { return next }
func (h stuck) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook { return next }
func (h stuck) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		for _, cmd := range cmds {
			h.names <- cmd.Name()
		}
		time.Sleep(h.takes)
		return next(ctx, cmds)
	}
}

// A client that does not come back from a poll is not polled by another command after that.
func TestClientThatHangsIsPolledByTheSameCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, except("CLIENT TRACKING", "-ERR no\r\n"))
		client, h := goredis.NewClient(f.options()), stuck{watch.DefaultTimeout + 2*time.Second, make(chan string, 100)}
		client.AddHook(h)
		w := newWatch(t, client, watch.Config{Poll: time.Second})
		w.Follow("tok", func(bool) {})
		time.Sleep(time.Minute)
		_ = w.Close()
		if n := len(h.names); n < 5 || n > 10 {
			t.Errorf("%d polls in a minute, of which each takes seven seconds", n)
		}
		for len(h.names) > 0 {
			if name := <-h.names; name != "getrange" {
				t.Errorf("polled by %s", name)
			}
		}
		time.Sleep(time.Minute) // for the client
		_ = client.Close()
		_ = f.ln.Close()
	})
}

// A name that is not followed any more when the answer to a poll comes is nobody's, and the others are
// notified.
func TestStopDuringAPoll(t *testing.T) {
	inBubble(t, func(args []string) string {
		if args[0] == "GETRANGE" {
			time.Sleep(50 * time.Millisecond)
		}
		return except("CLIENT TRACKING", "-ERR no\r\n")(args)
	}, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		c, none := newCalls(), newCalls()
		stop := w.Follow("gone", none.changed)
		w.Follow("tok", c.changed)
		time.Sleep(50 * time.Millisecond)
		stop()
		time.Sleep(time.Second)
		c.await(t, true)
		none.quiet(t)
		_ = w.Close()
		synctest.Wait()
	})
}
