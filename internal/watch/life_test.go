package watch_test

import (
	"context"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

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

// A caller who stops from inside, hangs, panics or exits harms nobody else.
func TestCallersThatMisbehave(t *testing.T) {
	srv := redistest.Start(t)
	log := new(logged)
	w := newWatch(t, newClient(t, redisstore.Options(srv.Addr())), watch.Config{Logger: log.logger()})
	good := follow(t, w, tokenKey)

	hang, hanging := make(chan struct{}), make(chan struct{}, 10)
	t.Cleanup(sync.OnceFunc(func() { close(hang) })) // before the Watch is closed
	w.Follow(tokenKey, func(bool) { hanging <- struct{}{}; <-hang })
	var panics, exits atomic.Int64
	w.Follow(tokenKey, func(bool) { panics.Add(1); panic("on purpose") })
	w.Follow(tokenKey, func(bool) { exits.Add(1); runtime.Goexit() })
	stopped := make(chan struct{}, 10)
	var stop func()
	stop = w.Follow(tokenKey, func(bool) { stop(); stop(); stopped <- struct{}{} })

	for i := range 3 {
		srv.Do("SET", tokenKey, strings.Repeat("x", i))
		good.await(t, false)
		eventually(t, "all are called", func() bool { return panics.Load() > int64(i) && exits.Load() > int64(i) })
	}
	<-hanging
	<-stopped
	if len(hanging) != 0 || len(stopped) != 0 {
		t.Error("called again while it ran, or after it had stopped")
	}
	eventually(t, "the panic is logged", func() bool { return strings.Contains(log.String(), "on purpose") })
}

// Calls for one follow never overlap, and what comes meanwhile becomes one.
func TestCallsComeOneAfterTheOther(t *testing.T) {
	srv := redistest.Start(t)
	w := newWatch(t, newClient(t, redisstore.Options(srv.Addr())), watch.Config{})
	other := follow(t, w, tokenKey)
	var running, count atomic.Int64
	gate, began := make(chan struct{}), make(chan struct{}, 10)
	w.Follow(tokenKey, func(bool) {
		if running.Add(1) != 1 {
			t.Error("two calls at once")
		}
		count.Add(1)
		began <- struct{}{}
		<-gate
		running.Add(-1)
	})
	srv.Do("SET", tokenKey, "a")
	<-began
	for _, v := range []string{"b", "c", "d"} {
		pushes := w.Stats().Pushes
		srv.Do("SET", tokenKey, v)
		other.await(t, false)
		eventually(t, "the push arrives", func() bool { return w.Stats().Pushes > pushes })
	}
	gate <- struct{}{}
	<-began
	gate <- struct{}{}
	if err := w.Close(); err != nil { // waits for what runs
		t.Error(err)
	}
	if n := count.Load(); n != 2 {
		t.Errorf("%d calls for a change and three more while the first call ran; want 2", n)
	}
}

func TestStopEndsTheCalls(t *testing.T) {
	srv := redistest.Start(t)
	w := newWatch(t, newClient(t, redisstore.Options(srv.Addr())), watch.Config{})
	stays, goes := follow(t, w, tokenKey), newCalls()
	stop := w.Follow(tokenKey, goes.changed)
	srv.Do("SET", tokenKey, "a")
	goes.await(t, false)
	stays.await(t, false)
	stop()
	stop()
	srv.Do("SET", tokenKey, "b")
	stays.await(t, false)
	if err := w.Close(); err != nil { // nothing is under way any more
		t.Error(err)
	}
	goes.quiet(t)
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	never := newCalls()
	w.Follow(tokenKey, never.changed)()
	srv.Do("SET", tokenKey, "c")
	never.quiet(t)
}

// Nothing runs before the first follow, some time after the last one, and after Close.
func TestLeavesNothingBehind(t *testing.T) {
	srv := redistest.Start(t)
	client := newClient(t, redisstore.Options(srv.Addr()))
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
		"pushing": newClient(t, redisstore.Options(srv.Addr())),
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
	w := newWatch(t, newClient(t, redisstore.Options(srv.Addr())), watch.Config{})
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
			w := newWatch(t, newClient(t, redisstore.Options(srv.Addr())), watch.Config{
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
