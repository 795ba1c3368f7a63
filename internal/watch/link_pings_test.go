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

const replicaRole = "*1\r\n$5\r\nslave\r\n"

// A replica that became a master in between is left at once the next time, under any name.
func TestReplicaIsLeftAtOnceAgain(t *testing.T) {
	for _, role := range []string{replicaRole, "*1\r\n$7\r\nreplica\r\n"} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t, except("ROLE", roleOf))
			client := goredis.NewClient(f.options())
			var renewed atomic.Int64
			w := newWatch(t, client, watch.Config{Logger: f.log.logger(), Renew: func() { renewed.Add(1) }})
			w.Follow("tok", func(bool) {})
			for range 2 {
				time.Sleep(time.Minute)
				f.now(except("ROLE", role))
				before := renewed.Load()
				time.Sleep(11 * time.Second) // it is left after 2 s, 2 s and 6 s
				if n := renewed.Load() - before; n < 2 || n > 3 {
					t.Errorf("left %d times in eleven seconds", n)
				}
				f.now(except("ROLE", roleOf))
				time.Sleep(time.Minute)
			}
			_ = w.Close()
			_ = client.Close()
			_ = f.ln.Close()
		})
	}
}

// A server that refuses ROLE, and dies later, is found out as soon as any other.
func TestDetectsADeadServerThatRefusesRole(t *testing.T) {
	inBubble(t, except("ROLE", "-NOPERM no\r\n"), func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		w.Follow("tok", func(bool) {})
		time.Sleep(time.Minute)
		f.now(func([]string) string { return silence })
		time.Sleep(4 * time.Second)
		if s := w.Stats(); s.Pushing || s.Links != 1 {
			t.Errorf("%+v; want that it is found out", s)
		}
		if text := f.log.String(); !strings.Contains(text, "no answer to PING: ") {
			t.Errorf("want a log that says why:\n%s", text)
		}
		_ = w.Close()
	})
}

// A server whose connections all die at the first ping is connected to less and less often.
func TestConnectionsThatDieAtOnceAreMadeLessOften(t *testing.T) {
	inBubble(t, except("ROLE", silence), func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		w.Follow("tok", func(bool) {})
		time.Sleep(5 * time.Minute)
		at := f.dialled()
		if len(at) < 20 {
			t.Fatalf("%d connections in five minutes", len(at))
		}
		for i, d := range at[1:] {
			const alive = 3 * time.Second // until the first ping, and as long as it is waited for
			if d -= at[i]; d < alive || d > alive+5*time.Second || i > 10 && d < alive+2500*time.Millisecond {
				t.Errorf("%v between connections %d and %d", d, i, i+1)
			}
		}
		_ = w.Close()
	})
}

// The first pause is 50 ms, less up to half of it.
func TestFirstPauseIsShort(t *testing.T) {
	for range 5 {
		inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
			w.Follow("tok", func(bool) {})
			time.Sleep(time.Second)
			if at := f.dialled(); len(at) != 1 || at[0] != 20*time.Millisecond {
				t.Errorf("connections at %v, want one after 20 ms", at)
			}
			f.push("nonsense\r\n") // ends the link
			time.Sleep(time.Second)
			if at := f.dialled(); len(at) != 2 || at[1]-time.Second > 50*time.Millisecond || at[1]-time.Second < 25*time.Millisecond {
				t.Errorf("connections at %v, want the second 25 to 50 ms after a second", at)
			}
			_ = w.Close()
		})
	}
}

// A connection that is made again while nothing is followed tracks nothing, and is none that pushes.
func TestIdleLinkThatIsLost(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		stop := w.Follow("tok", func(bool) {})
		time.Sleep(10 * time.Second)
		stop()
		synctest.Wait()
		f.push("nonsense\r\n") // ends the link
		time.Sleep(time.Second)
		if s := w.Stats(); s.Links != 1 || s.Pushing || len(f.dialled()) != 2 {
			t.Errorf("%+v, connections at %v; want another one that pushes nothing", s, f.dialled())
		}
		if n := len(f.times("CLIENT TRACKING")); n != 1 {
			t.Errorf("tracked %d times, want once", n)
		}
		c := newCalls()
		w.Follow("tok", c.changed)
		time.Sleep(time.Second)
		if s := w.Stats(); s.Links != 2 || !s.Pushing || len(f.dialled()) != 2 {
			t.Errorf("%+v, connections at %v; want that the other one pushes", s, f.dialled())
		}
		c.await(t, true)
		c.quiet(t)
		if n := strings.Count(f.log.String(), "Redis pushes changes"); n != 2 {
			t.Errorf("said %d times that it pushes:\n%s", n, f.log.String())
		}
		_ = w.Close()
	})
}

// A link lasts three seconds after the last follow, however long that was.
func TestLinkOutlivesALongFollow(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		for range 3 {
			stop := w.Follow("tok", func(bool) {})
			time.Sleep(time.Minute)
			stop()
			time.Sleep(3*time.Second - 1)
			if n := f.open(); n != 1 {
				t.Errorf("%d connections just before three seconds are over", n)
			}
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if n := f.open(); n != 0 || len(f.dialled()) != 1 {
			t.Errorf("%d connections after three seconds, %d in all", n, len(f.dialled()))
		}
	}) // no Close: nothing runs any more
}
