package watch_test

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/internal/watch"
)

// A callback that stops its follow, hangs, panics or exits does not affect the others.
func TestCallersThatMisbehave(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	log := new(logged)
	w := newWatch(t, newClient(t, patient(srv.Addr())), watch.Config{Logger: log.logger()})
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
	t.Parallel()
	srv := redistest.Start(t)
	w := newWatch(t, newClient(t, patient(srv.Addr())), watch.Config{})
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
	t.Parallel()
	srv := redistest.Start(t)
	w := newWatch(t, newClient(t, patient(srv.Addr())), watch.Config{})
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

// The callbacks for a value that changes all the time are limited; the last change is reported.
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
