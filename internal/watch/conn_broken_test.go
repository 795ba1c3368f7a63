package watch_test

import (
	"context"
	"errors"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/watch"
)

// broken is a connection that does something else once it is broken.
type broken struct {
	net.Conn
	read        func() // after a read that failed
	write       error
	setDeadline error
}

func (b *broken) Read(p []byte) (int, error) {
	n, err := b.Conn.Read(p)
	if err != nil && b.read != nil {
		b.read()
	}
	return n, err
}

func (b *broken) Write(p []byte) (int, error) {
	if b.write != nil {
		return 0, b.write
	}
	return b.Conn.Write(p)
}

func (b *broken) SetWriteDeadline(at time.Time) error {
	if b.setDeadline != nil {
		return b.setDeadline
	}
	return b.Conn.SetWriteDeadline(at)
}

// withBroken runs a test in which the first connection of the Watch breaks.
func withBroken(t *testing.T, b *broken, test func(*testing.T, *fakeRedis, *watch.Watch)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, working)
		o := f.options()
		dial := o.Dialer
		var once atomic.Bool
		o.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := dial(ctx, network, addr)
			if err == nil && !once.Swap(true) {
				b.Conn = c
				return b, nil
			}
			return c, err
		}
		client := goredis.NewClient(o)
		w := newWatch(t, client, watch.Config{Logger: f.log.logger()})
		test(t, f, w)
		_ = w.Close()
		_ = client.Close()
		_ = f.ln.Close()
	})
}

// A connection whose reader breaks in any way is made again, and it is said why.
func TestReaderThatBreaks(t *testing.T) {
	for name, tt := range map[string]struct {
		read func()
		said string
	}{
		"panic":       {func() { panic("on purpose") }, "panic: on purpose"},
		"exit":        {runtime.Goexit, "ended its goroutine"},
		"end of file": {nil, "the server closed the connection"},
	} {
		t.Run(name, func(t *testing.T) {
			withBroken(t, &broken{read: tt.read}, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
				w.Follow("tok", func(bool) {})
				time.Sleep(time.Second)
				f.mu.Lock()
				for c := range f.conns {
					_ = c.Close()
				}
				f.mu.Unlock()
				time.Sleep(time.Second)
				if s := w.Stats(); s.Links != 2 || !s.Pushing {
					t.Errorf("%+v; want a new link", s)
				}
				if text := f.log.String(); !strings.Contains(text, tt.said) || name != "panic" && strings.Contains(text, "panic") {
					t.Errorf("want a log that says %q:\n%s", tt.said, text)
				}
			})
		})
	}
}

// What fails when a command is sent is said, and not waited for.
func TestWriterThatBreaks(t *testing.T) {
	for name, b := range map[string]*broken{
		"write":    {write: errors.New("on purpose")},
		"deadline": {setDeadline: errors.New("on purpose")},
	} {
		t.Run(name, func(t *testing.T) {
			withBroken(t, b, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
				w.Follow("tok", func(bool) {})
				time.Sleep(200 * time.Millisecond)
				if s := w.Stats(); s.Links != 1 || !s.Pushing {
					t.Errorf("%+v; want another link", s)
				}
				if text := f.log.String(); !strings.Contains(text, "error=\"on purpose\"") {
					t.Errorf("want a log that says why:\n%s", text)
				}
			})
		})
	}
}

// Close waits until nothing of the connection runs any more.
func TestCloseWaitsForTheReader(t *testing.T) {
	const lasts = time.Second
	withBroken(t, &broken{read: func() { time.Sleep(lasts) }}, func(t *testing.T, _ *fakeRedis, w *watch.Watch) {
		w.Follow("tok", func(bool) {})
		time.Sleep(time.Second)
		began := time.Now()
		_ = w.Close()
		if d := time.Since(began); d != lasts {
			t.Errorf("Close took %v, and its reader %v", d, lasts)
		}
	})
}

// To close the Watch is no loss of a connection.
func TestCloseIsNoLoss(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		w.Follow("tok", func(bool) {})
		time.Sleep(time.Second)
		_ = w.Close()
		synctest.Wait()
		if text := f.log.String(); !strings.Contains(text, "Redis pushes changes") || strings.Contains(text, "no pushes") {
			t.Errorf("logged:\n%s", text)
		}
	})
}

// A server that answers what was not asked has a new connection: nobody knows what its next answer
// belongs to.
func TestAnswerToNothing(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		w.Follow("tok", func(bool) {})
		time.Sleep(time.Second)
		f.push("+OK\r\n+OK\r\n")
		time.Sleep(time.Second)
		if s := w.Stats(); s.Links != 2 || !s.Pushing {
			t.Errorf("%+v; want a new link", s)
		}
		if text := f.log.String(); !strings.Contains(text, "a reply to nothing") {
			t.Errorf("want a log that says why:\n%s", text)
		}
		_ = w.Close()
	})
}

// Link is read while pushes change it.
func TestLinkDuringPushes(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		w.Follow("tok", func(bool) {})
		time.Sleep(time.Second)
		before := w.Link()
		var reading sync.WaitGroup
		done := make(chan bool)
		reading.Go(func() {
			for last := before; ; runtime.Gosched() {
				if now := w.Link(); now < last {
					t.Errorf("%d after %d", now, last)
				} else {
					last = now
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
		const times = 100
		for range times {
			f.push(">2\r\n$10\r\ninvalidate\r\n_\r\n")
			runtime.Gosched()
		}
		for w.Stats().Pushes < times {
			runtime.Gosched()
		}
		close(done)
		reading.Wait()
		if n := w.Link(); n != before+times {
			t.Errorf("link %d after %d, and %d times everything was emptied", n, before, times)
		}
		_ = w.Close()
	})
}
