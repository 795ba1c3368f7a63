package watch_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/internal/watch"
)

// Servers and clients that cannot push are polled, and say why.
func TestPolls(t *testing.T) {
	t.Parallel()
	mini := miniredis.RunT(t)
	srv := redistest.Start(t)
	srv.Do("ACL", "SETUSER", "watcher", "on", ">s3cret", "~*", "+getrange", "+select")
	asUser := patient(srv.Addr())
	asUser.Username, asUser.Password = "watcher", "s3cret"
	ring := goredis.NewRing(&goredis.RingOptions{DB: 1, Addrs: map[string]string{"a": srv.Addr()}})
	defer ring.Close()
	admin := newClient(t, patient(srv.Addr()))
	toMini := newClient(t, patient(mini.Addr()))

	for name, tt := range map[string]struct {
		client, admin goredis.UniversalClient
		reason        string
	}{
		"user that must not": {newClient(t, asUser), admin, "client|tracking"},
		"miniredis":          {toMini, toMini, "CLIENT TRACKING"},
		"ring":               {ring, admin, "kind of client"},
	} {
		t.Run(name, func(t *testing.T) {
			log := new(logged)
			w := newWatch(t, tt.client, watch.Config{Poll: quickPoll, Logger: log.logger()})
			do := func(args ...any) {
				t.Helper()
				if err := tt.admin.Do(t.Context(), args...).Err(); err != nil {
					t.Fatal(err)
				}
			}
			do("FLUSHALL")
			do("HSET", "hash", "f", "v")
			c, wrong := follow(t, w, tokenKey), follow(t, w, "hash")
			for _, change := range [][]any{
				{"SET", tokenKey, "a"}, {"SET", tokenKey, "b"}, {"DEL", tokenKey}, {"SADD", tokenKey, "b"},
			} {
				do(change...)
				c.await(t, false)
			}
			wrong.quiet(t)
			do("DEL", "hash")
			wrong.await(t, false)
			c.quiet(t)
			if s := w.Stats(); s.Pushing || s.Links != 0 || s.Polls == 0 {
				t.Errorf("%+v; want polls", s)
			}
			if text := log.String(); strings.Count(text, "level=INFO") != 1 || !strings.Contains(text, tt.reason) {
				t.Errorf("want one line that says %q:\n%s", tt.reason, text)
			}
			if text := log.String(); strings.Contains(text, "s3cret") {
				t.Errorf("the log has the password:\n%s", text)
			}
		})
	}
}

// A poll that fails is a gap; one key that cannot be read is no trouble for the others.
func TestPollsThatFail(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	user := func(rules ...string) {
		t.Helper()
		args := append([]string{"ACL", "SETUSER", "watcher", "on", ">s3cret", "resetkeys", "+getrange", "+select"}, rules...)
		if reply := srv.Do(args...); reply != "OK" {
			t.Fatal(reply)
		}
	}
	user("~*")
	o := patient(srv.Addr())
	o.Username, o.Password = "watcher", "s3cret"
	w := newWatch(t, newClient(t, o), watch.Config{Poll: quickPoll})
	c, other := follow(t, w, tokenKey), follow(t, w, "other")

	user("~" + tokenKey)
	polls := w.Stats().Polls
	eventually(t, "it polls on", func() bool { return w.Stats().Polls > polls+1 })
	srv.Do("SET", "other", "a")
	srv.Do("SET", tokenKey, "a")
	c.await(t, false)
	other.quiet(t)
	c.quiet(t)
	user("~*")
	other.await(t, true)
	srv.Do("SET", "other", "b")
	other.await(t, false)
}

// When a server that could not push is back after it was away, it may be another one.
func TestPushesAfterAnUpgrade(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Do("ACL", "SETUSER", "default", "-client|tracking")
	w := newWatch(t, newClient(t, patient(srv.Addr())), watch.Config{Poll: quickPoll})
	c := follow(t, w, tokenKey)
	if s := w.Stats(); s.Pushing || s.Polls == 0 {
		t.Fatalf("%+v; want polls", s)
	}
	srv.Kill()
	polls := w.Stats().Polls
	eventually(t, "a poll fails", func() bool { return w.Stats().Polls > polls+1 })
	srv.Restart()
	eventually(t, "it pushes", func() bool { return w.Stats().Pushing })
	c.await(t, true)
	srv.Do("SET", tokenKey, "a")
	c.await(t, false)
}

// polling counts the polls that the client has not come back from.
type polling struct{ n atomic.Int64 }

func (p *polling) DialHook(next goredis.DialHook) goredis.DialHook          { return next }
func (p *polling) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook { return next }
func (p *polling) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		p.n.Add(1)
		defer p.n.Add(-1)
		return next(ctx, cmds)
	}
}

// A client that does not come back is asked no second time, and holds nothing up.
func TestPollsAClientThatHangs(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Do("ACL", "SETUSER", "default", "-client|tracking")
	client := newClient(t, &goredis.Options{Addr: srv.Addr(), DB: 1, ReadTimeout: -1, WriteTimeout: -1, PoolTimeout: time.Hour})
	flying := new(polling)
	client.AddHook(flying)
	w := newWatch(t, client, watch.Config{Poll: quickPoll, Timeout: quickPoll})
	c := follow(t, w, tokenKey)
	srv.Stop()
	polls := w.Stats().Polls
	eventually(t, "it polls on", func() bool { return w.Stats().Polls > polls+5 })
	if n := flying.n.Load(); n > 1 {
		t.Errorf("%d polls hang; want one at most", n)
	}
	srv.Cont()
	c.await(t, true)
	change := func() { srv.Do("INCR", tokenKey) }
	change()
	c.until(t, func(gap bool) bool {
		if gap { // a machine that is busy for longer than Timeout: the change was told as a gap
			change()
		}
		return !gap
	})
}

// A user without the right to GETRANGE is polled by GET.
func TestPollsByGet(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Do("ACL", "SETUSER", "reader", "on", ">s3cret", "~*", "+get", "+select")
	o := patient(srv.Addr())
	o.Username, o.Password = "reader", "s3cret"
	w := newWatch(t, newClient(t, o), watch.Config{Poll: quickPoll})
	c := follow(t, w, tokenKey)
	for i := range 3 {
		srv.Do("SET", tokenKey, strconv.Itoa(i))
		c.await(t, false)
	}
}

// Between two polls is at most Poll and at least half of it; none without a follow.
func TestPollsInTime(t *testing.T) {
	inBubble(t, except("CLIENT TRACKING", "-ERR no\r\n"), func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		c := newCalls()
		stop := w.Follow("tok", c.changed)
		w.Follow("other", func(bool) {})()
		time.Sleep(2 * time.Minute)
		at := f.times("GETRANGE TOK")
		if at[0] > time.Second {
			t.Errorf("first poll after %v", at[0])
		}
		var all []time.Duration
		for i, d := range at[1:] {
			d -= at[i]
			if d > watch.DefaultPoll || d < watch.DefaultPoll/2 {
				t.Errorf("%v between two polls", d)
			}
			all = append(all, d)
		}
		if slices.Min(all) == slices.Max(all) || slices.Max(all) < watch.DefaultPoll*3/4 {
			t.Error("all processes would poll at the same time")
		}
		c.await(t, true)
		c.quiet(t)
		if n := len(f.times("CLIENT TRACKING")); n > 7 { // after 5 s, 10 s, 20 s …, less up to half of it
			t.Errorf("asked %d times whether it can push, and it had said that it cannot", n)
		}
		stop()
		synctest.Wait()
		polls := len(f.times("GETRANGE"))
		time.Sleep(time.Hour)
		if n := len(f.times("GETRANGE")); n != polls {
			t.Error("polls although nothing is followed")
		}
		// What is known of the server is kept for a while, also without a link.
		var asked int
		for range 5 {
			stop := w.Follow("tok", c.changed)
			time.Sleep(time.Second)
			c.await(t, true)
			stop()
			time.Sleep(10 * time.Second)
			if n := len(f.times("CLIENT TRACKING")); asked == 0 {
				asked = n
			} else if n != asked {
				t.Fatalf("asked %d times more whether it can push", n-asked)
			}
		}
		if n := strings.Count(f.log.String(), "level=INFO"); n != 1 {
			t.Errorf("said %d times that it polls; want once", n)
		}
		_ = w.Close()
	})
}

// refusing is a hook that sends nothing while it is armed, and tells that by its error alone, as one
// with a circuit breaker may, or by the error of the first command.
type refusing struct {
	armed atomic.Bool
	first bool
}

func (r *refusing) DialHook(next goredis.DialHook) goredis.DialHook          { return next }
func (r *refusing) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook { return next }
func (r *refusing) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		if r.armed.Load() {
			err := errors.New("the breaker of the caller's client is open")
			if r.first {
				cmds[0].SetErr(err)
			}
			return err
		}
		return next(ctx, cmds)
	}
}

// A poll that a hook of the client did not send has found nothing, and is a gap.
func TestPollsThatAHookDoesNotSend(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]bool{"no error": false, "the error of the first": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			srv.Do("ACL", "SETUSER", "default", "-client|tracking")
			srv.Do("SET", tokenKey, "a")
			srv.Do("SET", "another", "a")
			client, hook := newClient(t, patient(srv.Addr())), &refusing{first: first}
			client.AddHook(hook)
			w := newWatch(t, client, watch.Config{Poll: quickPoll})
			c, d := follow(t, w, tokenKey), follow(t, w, "another")
			hook.armed.Store(true)
			polls := w.Stats().Polls
			eventually(t, "it polls on", func() bool { return w.Stats().Polls > polls+1 })
			c.quiet(t)
			d.quiet(t)
			hook.armed.Store(false)
			c.await(t, true)
			d.await(t, true)
			srv.Do("SET", tokenKey, "b")
			c.await(t, false)
		})
	}
}
