package watch_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/watch"
)

// A connection that does not answer any more is detected within 5 s.
func TestDetectsADeadConnection(t *testing.T) {
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
func TestAnswersOfTheServer(t *testing.T) {
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
