package watch_test

import (
	"context"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/internal/watch"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

func TestNewNamesAllProblems(t *testing.T) {
	w, err := watch.New(watch.Config{Timeout: -1, Poll: -1})
	if err == nil || w != nil {
		t.Fatalf("got %v, %v", w, err)
	}
	for _, name := range []string{"Client", "Timeout", "Poll"} {
		if !strings.Contains(err.Error(), "Config."+name) {
			t.Errorf("%q does not name Config.%s", err, name)
		}
	}
}

// Nothing runs before the first follow, some time after the last one, and after Close.
func TestLeavesNothingBehind(t *testing.T) {
	srv := redistest.Start(t)
	client := newClient(t, patient(srv.Addr()))
	links := func() int {
		list, _ := srv.Do("CLIENT", "LIST").(string)
		return strings.Count(list, "cmd=client|tracking") + strings.Count(list, "cmd=ping")
	}
	before := runtime.NumGoroutine()
	w := newWatch(t, client, watch.Config{})
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("New started %d goroutines", n-before)
	}
	for range 2 {
		c := newCalls()
		stop := w.Follow(tokenKey, c.changed)
		c.await(t, true)
		if n := links(); n != 1 {
			t.Errorf("%d links; want 1", n)
		}
		stop()
		eventually(t, "no link without a follow", func() bool { return links() == 0 })
		eventually(t, "no goroutine without a follow", func() bool { return runtime.NumGoroutine() <= before })
		if w.Stats().Pushing {
			t.Error("says that it pushes")
		}
	}
	follow(t, w, tokenKey)
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	eventually(t, "no link after Close", func() bool { return links() == 0 })
	eventually(t, "no goroutine after Close", func() bool { return runtime.NumGoroutine() <= before })
	if err := client.Ping(t.Context()).Err(); err != nil {
		t.Errorf("the client that was passed in: %v", err)
	}
}

// Close comes back in whatever state the Watch is.
func TestCloseAtAnyMoment(t *testing.T) {
	srv := redistest.Start(t)
	stopped := redistest.Start(t)
	stopped.Stop()
	dialing := make(chan struct{}, 100)
	clients := map[string]goredis.UniversalClient{
		"pushing": newClient(t, patient(srv.Addr())),
		"refused": newClient(t, redisstore.Options("127.0.0.1:1")),
		"hung":    newClient(t, redisstore.Options(stopped.Addr())),
		"garbled": newClient(t, redisstore.Options(redistest.Garbled(t, "+OK"))),
		"dialing": newClient(t, &goredis.Options{Dialer: func(ctx context.Context, _, _ string) (net.Conn, error) {
			dialing <- struct{}{}
			<-ctx.Done()
			return nil, ctx.Err()
		}}),
		"ring": goredis.NewRing(&goredis.RingOptions{Addrs: map[string]string{"a": srv.Addr()}}),
	}
	defer clients["ring"].Close()
	for name, client := range clients {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			for i := range 50 {
				w, err := watch.New(watch.Config{Client: client, Logger: slog.New(slog.DiscardHandler)})
				if err != nil {
					t.Fatal(err)
				}
				c := newCalls()
				w.Follow(tokenKey, c.changed)
				stop := w.Follow("other", c.changed)
				for range i * 100 { // another moment each time
					runtime.Gosched()
				}
				if name == "dialing" && i%10 == 0 {
					<-dialing
				}
				go stop()
				var both sync.WaitGroup
				both.Go(func() { _ = w.Close() })
				both.Go(func() { _ = w.Close() })
				both.Wait()
				for len(c) > 0 {
					<-c
				}
				c.quiet(t)
			}
			eventually(t, "no goroutine after Close", func() bool { return runtime.NumGoroutine() <= before })
		})
	}
}

// Any number of short follows at once, writers among them; afterwards all is as usual.
func TestStorm(t *testing.T) {
	srv := redistest.Start(t)
	w := newWatch(t, newClient(t, patient(srv.Addr())), watch.Config{})
	names := []string{"tok", "tok1", "tok12", "{tok}:lock", "{tok1}:lock", "{tok}:failed", "x", "{x}:lock"}
	var all sync.WaitGroup
	for i := range 8 {
		conn := srv.Dial()
		all.Go(func() {
			for j := range 200 {
				name := names[(i+j)%len(names)]
				stop := w.Follow(name, func(bool) {})
				if j%10 == 0 {
					if _, err := conn.Do("SET", name, "x", "EX", "100"); err != nil {
						t.Error(err)
					}
				}
				w.Stats()
				stop()
			}
		})
	}
	all.Wait()
	for _, name := range names {
		c := newCalls()
		defer w.Follow(name, c.changed)()
		srv.Do("SET", name, "y")
		c.until(t, func(bool) bool { return true })
	}
}

// A logger that breaks stops nothing.
func TestSurvivesItsLogger(t *testing.T) {
	srv := redistest.Start(t)
	for name, broken := range map[string]func(){"panic": func() { panic("logger") }, "exit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			w := newWatch(t, newClient(t, patient(srv.Addr())), watch.Config{
				Logger: slog.New(brokenHandler{broken: broken}),
			})
			c := follow(t, w, tokenKey)
			srv.Do("CLIENT", "KILL", "TYPE", "normal")
			c.await(t, true)
			srv.Do("SET", tokenKey, name)
			c.await(t, false)
		})
	}
}

type brokenHandler struct {
	slog.Handler
	broken func()
}

func (brokenHandler) Enabled(context.Context, slog.Level) bool    { return true }
func (h brokenHandler) Handle(context.Context, slog.Record) error { h.broken(); return nil }

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
