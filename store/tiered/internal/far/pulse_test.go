package far_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered/internal/far"
)

// open returns a Far that counts its outages.
func open(t *testing.T, down *atomic.Int64) *far.Far {
	f := far.New(far.Config{
		Store: new(store.Map), Name: "far", Wait: 250 * time.Millisecond, Timeout: 5 * time.Second, BreakerTimeout: 5 * time.Second,
		Logger: slog.New(slog.DiscardHandler), Down: func(error) { down.Add(1) },
	})
	t.Cleanup(f.Close)
	return f
}

// crowd keeps the only processor busy with so many goroutines until it is stopped: each of the
// others gets its turn after all of them.
func crowd(n int) (stop func()) {
	procs := runtime.GOMAXPROCS(1)
	var over atomic.Bool
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for !over.Load() {
			}
		})
	}
	return func() {
		over.Store(true)
		all.Wait()
		runtime.GOMAXPROCS(procs)
	}
}

type timeout struct{}

func (timeout) Error() string   { return "i/o timeout" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

// A far store that answers at once is not down because this process does not get to run: nor is
// one of which a client says that it did not answer, if the answer was not read in time.
func TestAProcessThatDoesNotRunIsNoOutage(t *testing.T) {
	var down atomic.Int64
	slow, late := open(t, &down), open(t, &down)
	defer crowd(40)()
	for _, f := range []*far.Far{slow, late} {
		_, err := f.Read(t.Context(), "a", func(context.Context) (store.Token, error) {
			began := time.Now()
			for range 2 { // an answer that waits for the processor
				runtime.Gosched()
			}
			if f == late && time.Since(began) > 50*time.Millisecond {
				return store.Token{}, fmt.Errorf("read: %w", timeout{})
			}
			return store.Token{}, nil
		}).Wait(t.Context())
		t.Log(err)
		<-time.After(500 * time.Millisecond)
		if n := down.Load(); n != 0 || f.Condition().Down {
			t.Errorf("%d outages of a far store that answers at once", n)
		}
		// It is left alone for a while all the same: the process has enough to do.
		if _, err := f.Read(t.Context(), "a", func(context.Context) (store.Token, error) { return store.Token{}, nil }).Result(); err == nil {
			t.Error("a process that does not get to run goes on to ask")
		}
		// But it looks for changes, which it would notice seconds late otherwise, and writes what is
		// pending, until when it looks for none.
		for range 2 {
			for name, do := range map[string]func([]string, func(context.Context) (store.Token, error)) *far.Operation{"look": f.Look, "write": f.WriteBehind} {
				done := false
				if _, err := do([]string{"a"}, func(context.Context) (store.Token, error) { done = true; return store.Token{}, nil }).Result(); err != nil || !done {
					t.Errorf("a process that does not get to run does not %s: %v", name, err)
				}
			}
		}
	}
}

// A far store that answers nothing at all is down, also to a process that does not get to run: it
// is believed after a while.
func TestADoubtDoesNotLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const each = 400 * time.Millisecond
		var down atomic.Int64
		f := open(t, &down)
		began := time.Now()
		for down.Load() == 0 && time.Since(began) < time.Minute {
			_, _ = f.Read(t.Context(), "a", func(ctx context.Context) (store.Token, error) {
				defer farwait.Queue(ctx)() // all the time it waits for its turn in this process
				time.Sleep(each)
				return store.Token{}, timeout{}
			}).Result()
			synctest.Wait() // until the hook was called
		}
		if took := time.Since(began); down.Load() != 1 || took < 5*time.Second || took > 5*time.Second+2*each {
			t.Errorf("%d outages after %v; want one, after five seconds", down.Load(), took)
		}
	})
}

// A doubt of long ago says nothing of the next one: nobody has asked far since.
func TestADoubtIsForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var down atomic.Int64
		f := open(t, &down)
		for range 3 {
			_, err := f.Read(t.Context(), "a", func(ctx context.Context) (store.Token, error) {
				defer farwait.Queue(ctx)() // all the time it waits for its turn in this process
				time.Sleep(4 * time.Second)
				return store.Token{}, timeout{}
			}).Result()
			if !errors.Is(err, store.ErrBusy) || down.Load() != 0 {
				t.Errorf("%v, %d outages of a far store that was not asked", err, down.Load())
			}
			time.Sleep(time.Hour)
		}
	})
}
