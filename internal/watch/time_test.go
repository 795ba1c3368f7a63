package watch_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/watch"
)

// inBubble runs a test in virtual time with a fake server. Whatever runs at the end
// fails it.
func inBubble(t *testing.T, answer func([]string) string, test func(*testing.T, *fakeRedis, *watch.Watch)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, answer)
		client := goredis.NewClient(f.options())
		w := newWatch(t, client, watch.Config{Logger: f.log.logger()})
		test(t, f, w)
		_ = client.Close()
		_ = f.ln.Close()
	})
}

const push = ">2\r\n$10\r\ninvalidate\r\n*1\r\n$3\r\ntok\r\n"

// The link outlives the last follow by a few seconds and then goes by itself.
func TestLingers(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		for range 20 {
			stop, unlock := w.Follow("tok", func(bool) {}), w.Follow("{tok}:lock", func(bool) {})
			time.Sleep(time.Second)
			stop()
			unlock()
			time.Sleep(2 * time.Second)
		}
		if n := len(f.dialled()); n != 1 {
			t.Errorf("%d connections for short waits; want 1", n)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n := f.open(); n != 0 {
			t.Errorf("%d connections that nobody needs", n)
		}
		pings := len(f.times("PING"))
		time.Sleep(time.Hour)
		if n := len(f.times("PING")); n != pings || len(f.dialled()) != 1 {
			t.Error("something goes on while nothing is followed")
		}
	}) // no Close: nothing runs any more
}

// Whoever follows for a moment, to ask once, needs no connection; whoever stays gets one
// soon, and learns that something may have been missed.
func TestMomentNeedsNoConnection(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		for range 3 {
			stop := w.Follow("tok", func(bool) { t.Error("called") })
			time.Sleep(10 * time.Millisecond)
			stop()
			time.Sleep(10 * time.Second)
		}
		synctest.Wait()
		if n := len(f.dialled()); n != 0 {
			t.Errorf("%d connections", n)
		}
		c := newCalls()
		w.Follow("tok", c.changed)
		time.Sleep(50 * time.Millisecond)
		if n := len(f.dialled()); n != 1 || !w.Stats().Pushing {
			t.Errorf("%d connections, %+v", n, w.Stats())
		}
		c.await(t, true)
		_ = w.Close()
	})
}

// A connection that has gone silent is found out within 5 s.
func TestFindsSilence(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		c := newCalls()
		w.Follow("tok", c.changed)
		time.Sleep(time.Minute)
		if s := w.Stats(); !s.Pushing || s.Links != 1 || len(f.dialled()) != 1 {
			t.Fatalf("%+v; want one link that stands", s)
		}
		c.await(t, true)
		f.now(func([]string) string { return silence })
		time.Sleep(5 * time.Second)
		if w.Stats().Pushing {
			t.Error("not found out")
		}
		f.now(working)
		time.Sleep(11 * time.Second) // one handshake that is under way, and a pause
		if s := w.Stats(); !s.Pushing || s.Links != 2 {
			t.Errorf("%+v; want a new link", s)
		}
		if n := f.open(); n > 2 { // and the client's own
			t.Errorf("%d connections; want the silent ones closed", n)
		}
		c.await(t, true)
		_ = w.Close()
	})
}

// Close waits for a call that is running.
func TestCloseWaits(t *testing.T) {
	inBubble(t, working, func(t *testing.T, _ *fakeRedis, w *watch.Watch) {
		called, gate, closed := make(chan bool), make(chan bool), make(chan bool)
		w.Follow("tok", func(bool) { called <- true; <-gate })
		<-called
		go func() { _ = w.Close(); close(closed) }()
		synctest.Wait()
		select {
		case <-closed:
			t.Error("Close came back while a call was running")
		default:
		}
		close(gate)
		<-closed
	})
}

// A new connection is tried at once, then less and less often, and for ever.
func TestBacksOff(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		w.Follow("tok", func(bool) {})
		time.Sleep(time.Minute)
		_ = f.ln.Close()
		f.push("nonsense\r\n") // ends the link
		lost := time.Since(f.start)
		time.Sleep(time.Hour)
		at := f.dialled()[1:]
		if d := at[0] - lost; d > 50*time.Millisecond {
			t.Errorf("first tried after %v", d)
		}
		for i, d := range at[1:] {
			if d -= at[i]; d > 5*time.Second || i > 10 && d < 2500*time.Millisecond {
				t.Errorf("%v between tries %d and %d", d, i, i+1)
			}
		}
		if n := len(f.times("GETRANGE")); n != 0 {
			t.Errorf("%d polls of a server that is away", n)
		}
		f.listen(t)
		time.Sleep(time.Minute)
		if !w.Stats().Pushing {
			t.Error("no link to a server that is back")
		}
		f.push("nonsense\r\n") // what is long ago counts no more
		time.Sleep(50 * time.Millisecond)
		if s := w.Stats(); s.Links != 3 {
			t.Errorf("%+v; want a new link at once", s)
		}
		_ = w.Close()
	})
}

// What a server says that cannot push, and what one says that only cannot now.
func TestJudgesAnswers(t *testing.T) {
	for name, tt := range map[string]struct {
		command, reply string
		polls          bool
	}{
		"no RESP3":             {"HELLO 3", "-NOPROTO unsupported protocol version\r\n", true},
		"no HELLO":             {"HELLO 3", "-ERR unknown command 'HELLO'\r\n", true},
		"no tracking":          {"CLIENT TRACKING", "-ERR unknown subcommand\r\n", true},
		"no right to track":    {"CLIENT TRACKING", "-NOPERM this user has no permissions\r\n", true},
		"error as a blob":      {"CLIENT TRACKING", "!9\r\nERR never\r\n", true},
		"hangs up at HELLO":    {"HELLO 3", hangUp, true},
		"silent at HELLO":      {"HELLO 3", silence, true},
		"nonsense at HELLO":    {"HELLO 3", "HTTP/1.1 400 Bad Request\r\n", true},
		"silent at TRACKING":   {"CLIENT TRACKING", silence, true},
		"loading":              {"HELLO 3", "-LOADING Redis is loading the dataset in memory\r\n", true},
		"silent at PING":       {"PING", silence, false},
		"error at PING":        {"PING", "-NOPERM this user has no permissions\r\n", false},
		"nonsense in between":  {"PING", "+PONG\r\n>1\r\n:1\r\n", false},
		"two replies":          {"PING", "+PONG\r\n+PONG\r\n+PONG\r\n", false},
		"attribute, odd types": {"PING", "|1\r\n+ttl\r\n:1\r\n~2\r\n#t\r\n*2\r\n,1.5\r\n(1\r\n>2\r\n+other\r\n_\r\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, except(tt.command, tt.reply), func(t *testing.T, f *fakeRedis, w *watch.Watch) {
				c := newCalls()
				w.Follow("tok", c.changed)
				time.Sleep(time.Minute)
				if polls := w.Stats().Polls > 0; polls != tt.polls {
					t.Errorf("polls: %v; want %v", polls, tt.polls)
				}
				c.await(t, true)
				f.now(working)
				time.Sleep(5*time.Minute + 10*time.Second)
				if s := w.Stats(); !s.Pushing {
					t.Errorf("%+v; want pushes now that the server can", s)
				}
				polls := w.Stats().Polls
				for len(c) > 0 {
					<-c
				}
				f.push(push)
				time.Sleep(time.Minute)
				c.await(t, false)
				if n := w.Stats().Polls; n != polls {
					t.Errorf("%d polls while it pushes", n-polls)
				}
				_ = w.Close()
			})
		})
	}
}

// A server that pushed and does not any more has a gap before the first poll.
func TestPollsAfterPushes(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		c := newCalls()
		w.Follow("tok", c.changed)
		time.Sleep(time.Minute)
		c.await(t, true)
		c.quiet(t)
		f.now(except("CLIENT TRACKING", "-ERR no\r\n"))
		f.push("nonsense\r\n")
		time.Sleep(time.Minute)
		if s := w.Stats(); s.Pushing || s.Polls == 0 {
			t.Errorf("%+v; want polls", s)
		}
		if gap := <-c; !gap {
			t.Error("no gap")
		}
		c.quiet(t)
		_ = w.Close()
	})
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
		if slices.Min(all) == slices.Max(all) {
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
