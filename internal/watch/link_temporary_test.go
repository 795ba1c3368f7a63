package watch_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/watch"
)

// A temporary refusal costs the pushes for seconds, not for minutes, and meanwhile the
// values are polled.
func TestTemporaryRefusal(t *testing.T) {
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
