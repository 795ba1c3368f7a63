package watch_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/internal/watch"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// Whatever a server pushes, it is read without a panic, and the Watch can be closed.
func FuzzPushes(f *testing.F) {
	for _, seed := range []string{
		">2\r\n$10\r\ninvalidate\r\n*9999999999\r\n", ">2\r\n$10\r\ninvalidate\r\n*1\r\n$9999999999\r\n", ">9999999999\r\n", "%9999999999\r\n",
		push, ">2\r\n$10\r\ninvalidate\r\n_\r\n", ">2\r\n$10\r\ninvalidate\r\n*-1\r\n", ">2\r\n+invalidate\r\n*2\r\n+tok\r\n$0\r\n\r\n",
		">2\r\n$10\r\ninvalidate\r\n*99999999999999999999\r\n", ">2\r\n$10\r\ninvalidate\r\n*3\r\n_\r\n", ">-1\r\n", ">0\r\n", ">1\r\n$-1\r\n",
		"$536870912\r\nx", "$16385\r\n" + strings.Repeat("x", 16385) + "\r\n", "$-7\r\n", "%1\r\n+a\r\n%1\r\n+b\r\n:1\r\n",
		strings.Repeat("*1\r\n", 100), strings.Repeat("x", 5000), "\r\n", "\n", "+\r\n", "|1\r\n+a\r\n+b\r\n" + push, "=5\r\ntxt:x\r\n", "-ERR\r\n", "!3\r\nERR\r\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pushed string) {
		log := new(logged)
		synctest.Test(t, func(t *testing.T) {
			fake := newFake(t, except("CLIENT TRACKING", "+OK\r\n"+pushed))
			client := goredis.NewClient(fake.options())
			w := newWatch(t, client, watch.Config{Logger: log.logger()})
			w.Follow("tok", func(bool) {})
			time.Sleep(time.Second)
			_ = w.Close()
			_ = client.Close()
			_ = fake.ln.Close()
		})
		if strings.Contains(log.String(), "panic") {
			t.Errorf("%q: %s", pushed, log)
		}
	})
}

// A key that is longer than any of ours, or of other bytes, is no trouble.
func TestOddKeys(t *testing.T) {
	srv := redistest.Start(t)
	w := newWatch(t, newClient(t, redisstore.Options(srv.Addr())), watch.Config{})
	odd := "tok \r\n\x00\xff*1\r\n"
	c, d := follow(t, w, "tok"), newCalls()
	w.Follow(odd, d.changed)
	for _, key := range []string{strings.Repeat("tok", 1<<20), "tok" + strings.Repeat("k", 16<<10), odd, "tok"} {
		srv.Do("SET", key, "x")
	}
	d.await(t, false)
	c.await(t, false)
	if s := w.Stats(); s.Links != 1 || s.Pushes != 2 {
		t.Errorf("%+v; want one link and two pushes that concern somebody", s)
	}
}

// A push that cannot be read may have named any key: its connection is closed, and the
// new one begins with a gap.
func TestMalformedPushIsAGap(t *testing.T) {
	const invalidate = ">2\r\n$10\r\ninvalidate\r\n"
	for _, keys := range []string{":7\r\n", "*1\r\n?x\r\n", "*1\r\n:1\r\n", "*9999999999\r\n", "*1\r\n$9999999999\r\n"} {
		t.Run(keys, func(t *testing.T) {
			inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
				c := newCalls()
				w.Follow("tok", c.changed)
				time.Sleep(time.Minute)
				c.await(t, true)
				c.quiet(t)
				f.push(invalidate + keys)
				time.Sleep(10 * time.Second)
				c.await(t, true)
				if s := w.Stats(); s.Links != 2 || !s.Pushing {
					t.Errorf("%+v; want a new link", s)
				}
				_ = w.Close()
			})
		})
	}
}
