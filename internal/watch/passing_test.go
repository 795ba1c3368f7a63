package watch_test

import (
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/internal/watch"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// A refusal that passes costs the pushes for seconds, not for minutes, and meanwhile the
// values are looked at by whoever still can.
func TestRefusalThatPasses(t *testing.T) {
	for name, r := range map[string]struct{ command, reply string }{
		"WRONGPASS":    {"HELLO 3", "-WRONGPASS invalid username-password pair or user is disabled.\r\n"},
		"NOAUTH":       {"CLIENT TRACKING", "-NOAUTH Authentication required.\r\n"},
		"LOADING":      {"HELLO 3", "-LOADING Redis is loading the dataset in memory\r\n"},
		"MASTERDOWN":   {"CLIENT TRACKING", "-MASTERDOWN Link with MASTER is down\r\n"},
		"max clients":  {"HELLO 3", "-ERR max number of clients reached\r\n"},
		"no right":     {"CLIENT TRACKING", "-NOPERM this user has no permissions to run the 'client|tracking' command\r\n"},
		"unknown code": {"CLIENT TRACKING", "-STRANGE times\r\n"},
	} {
		for _, lasts := range []time.Duration{3 * time.Second, 30 * time.Second} {
			t.Run(name+" for "+lasts.String(), func(t *testing.T) {
				inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
					c := newCalls()
					w.Follow("tok", c.changed)
					time.Sleep(time.Minute)
					c.await(t, true)
					f.now(except(r.command, r.reply))
					f.push("nonsense\r\n") // ends the link
					time.Sleep(lasts)
					if lasts > watch.DefaultPoll && len(f.times("GETRANGE TOK")) < int(lasts/watch.DefaultPoll) {
						t.Errorf("%d looks in %v", len(f.times("GETRANGE TOK")), lasts)
					}
					f.now(working)
					time.Sleep(max(10*time.Second, 2*lasts))
					if s := w.Stats(); !s.Pushing {
						t.Errorf("%+v; want pushes", s)
					}
					polls := len(f.times("GETRANGE"))
					time.Sleep(time.Minute)
					if n := len(f.times("GETRANGE")); n != polls {
						t.Errorf("%d looks while it pushes", n-polls)
					}
					if n := strings.Count(f.log.String(), "level=INFO"); n != 1 {
						t.Errorf("said %d times:\n%s", n, f.log.String())
					}
					_ = w.Close()
				})
			})
		}
	}
}

// A value that somebody changes without end is looked at now and then, and in the end.
func TestStormOfChanges(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		var n atomic.Int64
		var last atomic.Int64
		w.Follow("tok", func(bool) { n.Add(1); last.Store(int64(time.Since(f.start))) })
		time.Sleep(time.Minute)
		for _, storm := range []struct {
			lasts time.Duration
			most  int64
		}{{2 * time.Second, 25}, {2 * time.Minute, 150}} {
			n.Store(0)
			begin := time.Since(f.start)
			f.push(push)
			synctest.Wait()
			if at := time.Duration(last.Load()); n.Load() != 1 || at != begin {
				t.Errorf("%d calls for the first change, at %v; want it at once", n.Load(), at-begin)
			}
			for end := begin + storm.lasts; time.Since(f.start) < end; time.Sleep(time.Millisecond) {
				f.push(push)
			}
			changed := time.Since(f.start)
			time.Sleep(2 * time.Second)
			if n.Load() > storm.most {
				t.Errorf("%d calls in %v, want %d at most", n.Load(), storm.lasts, storm.most)
			}
			if time.Duration(last.Load()) < changed-time.Millisecond {
				t.Errorf("the last change is not told")
			}
			time.Sleep(time.Minute)
		}
		_ = w.Close()
	})
}

const roleOf = "*3\r\n$6\r\nmaster\r\n:1\r\n*0\r\n"

// A connection to a server that has become a replica is given up, and so are the client's;
// one that leads to nothing but a replica is made again less and less often.
func TestReplicaIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, except("ROLE", roleOf))
		client := goredis.NewClient(f.options())
		var renewed atomic.Int64
		w := newWatch(t, client, watch.Config{Logger: f.log.logger(), Renew: func() { renewed.Add(1) }})
		c := newCalls()
		w.Follow("tok", c.changed)
		time.Sleep(time.Minute)
		c.await(t, true)
		if s := w.Stats(); s.Links != 1 || renewed.Load() != 0 || len(f.times("PING")) != 0 {
			t.Fatalf("%+v, renewed %d times; want one link", s, renewed.Load())
		}
		f.now(except("ROLE", "*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:1\r\n$7\r\nconnect\r\n:-1\r\n"))
		time.Sleep(3 * time.Second)
		c.await(t, true)
		if s := w.Stats(); s.Links < 2 || renewed.Load() == 0 {
			t.Errorf("%+v, renewed %d times; want another link", s, renewed.Load())
		}
		time.Sleep(time.Hour)
		if n := len(f.dialled()); n > 80 {
			t.Errorf("%d connections in an hour", n)
		}
		if !w.Stats().Pushing {
			t.Error("a replica pushes, too")
		}
		f.now(except("ROLE", roleOf))
		time.Sleep(2 * time.Minute)
		links := w.Stats().Links
		time.Sleep(time.Hour)
		if n := w.Stats().Links; n != links {
			t.Errorf("%d links to a master", n-links+1)
		}
		_ = w.Close()
		_ = client.Close()
		_ = f.ln.Close()
	})
}

// Who must not ask for the role, or asks what knows none, pings.
func TestRoleIsNotNeeded(t *testing.T) {
	for _, reply := range []string{
		"-NOPERM this user has no permissions to run the 'role' command\r\n", "-ERR unknown command 'ROLE'\r\n",
		"+OK\r\n", "*0\r\n", "*-1\r\n", "*2\r\n:1\r\n*1\r\n$3\r\nabc\r\n", "$-1\r\n", "*1\r\n$-1\r\n", "_\r\n",
	} {
		t.Run(reply, func(t *testing.T) {
			inBubble(t, except("ROLE", reply), func(t *testing.T, f *fakeRedis, w *watch.Watch) {
				w.Follow("tok", func(bool) {})
				time.Sleep(time.Minute)
				if s := w.Stats(); s.Links != 1 || !s.Pushing {
					t.Errorf("%+v; want one link", s)
				}
				if n := len(f.times("ROLE")); reply[0] == '-' && (n != 1 || len(f.times("PING")) < 20) {
					t.Errorf("asked %d times for what is refused", n)
				}
				_ = w.Close()
			})
		})
	}
}

// A user who may not do GETRANGE looks by GET.
func TestPollsByGet(t *testing.T) {
	srv := redistest.Start(t)
	srv.Do("ACL", "SETUSER", "reader", "on", ">s3cret", "~*", "+get", "+select")
	o := redisstore.Options(srv.Addr())
	o.Username, o.Password = "reader", "s3cret"
	w := newWatch(t, newClient(t, o), watch.Config{Poll: quickPoll})
	c := follow(t, w, tokenKey)
	for i := range 3 {
		srv.Do("SET", tokenKey, strconv.Itoa(i))
		c.await(t, false)
	}
}
