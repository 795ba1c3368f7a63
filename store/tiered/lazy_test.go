package tiered_test

import (
	"context"
	"log/slog"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// stalling is a far store that hangs if told, until the context ends.
type stalling struct {
	*far
	hangs atomic.Bool
}

func (h *stalling) wait(ctx context.Context) error {
	if !h.hangs.Load() {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func (h *stalling) Get(ctx context.Context, key string) (store.Token, error) {
	if err := h.wait(ctx); err != nil {
		return store.Token{}, err
	}
	return h.far.Get(ctx, key)
}

func (h *stalling) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if err := h.wait(ctx); err != nil {
		return store.Token{}, err
	}
	return h.far.CompareAndSwap(ctx, key, old, tok)
}

func buildLazy(t *testing.T) *rig { r, _ := buildHanging(t); return r }

// buildHanging returns a rig whose Store is lazy, and its far store.
func buildHanging(t *testing.T) (*rig, *stalling) {
	t.Helper()
	r := &rig{near: new(store.Map), far: new(far), log: new(logged)}
	r.lease.Store = r.far
	h := &stalling{far: r.far}
	s, err := tiered.New(tiered.Config{Lazy: true, Near: r.near, Far: h, Lease: &r.lease, Logger: slog.New(slog.NewTextHandler(r.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	r.Store = s
	t.Cleanup(func() { s.Close() })
	return r, h
}

// created returns how many goroutines there have been in the process: a timer that calls a
// function makes one.
func created() uint64 {
	s := []metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// A lazy Store does nothing by itself, also with pending writes and tombstones; one that is
// not lazy does.
func TestLazyDoesNothingBetweenCalls(t *testing.T) {
	for name, build := range map[string]func(*testing.T) *rig{"lazy": buildLazy, "not lazy": build} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := build(t)
				a, b, c := newToken(t, "a", 3*time.Hour), newToken(t, "b", 3*time.Hour), newToken(t, "c", 3*time.Hour)
				swap(t, r, store.Token{}, a)
				swap(t, r, a, b) // a has a tombstone now
				r.far.set(errDown, 0)
				swap(t, r, b, c)
				if r.Stats().PendingWrites != 1 {
					t.Fatalf("%+v; want a pending write", r.Stats())
				}
				synctest.Wait()
				runtime.GC() // whose goroutines are counted too
				before, running := created(), runtime.NumGoroutine()
				time.Sleep(time.Hour)
				synctest.Wait()
				if did := created() != before; did == (name == "lazy") || name == "lazy" && runtime.NumGoroutine() > running {
					t.Errorf("%d goroutines in an hour, %d more run", created()-before, runtime.NumGoroutine()-running)
				}
			})
		})
	}
}

// A pending write is flushed by a hit, when the breaker allows it, and not before.
func TestLazyHitFlushesWhatIsPending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, h := buildHanging(t)
		near := r.Tiers().Near
		r.far.set(errDown, 0)
		swap(t, r, store.Token{}, newToken(t, "a", time.Hour))
		r.far.set(nil, 0)
		h.hangs.Store(true)
		time.Sleep(time.Second)
		began := time.Now()
		holds(t, "near", near, "a")
		if took := time.Since(began); took > 0 {
			t.Errorf("a hit waited %v for what the breaker does not allow", took)
		}
		time.Sleep(5 * time.Second)
		for want := tiered.DefaultFarWait; want >= 0; want -= tiered.DefaultFarWait { // one hit waits
			began = time.Now()
			holds(t, "near", near, "a")
			if took := time.Since(began); took != want {
				t.Errorf("a hit waited %v for a far store that hangs, want %v", took, want)
			}
		}
		h.hangs.Store(false)
		time.Sleep(10 * time.Second)
		holds(t, "near", near, "a")
		holds(t, "far", &r.far.Map, "a")
		if n := r.Stats(); n.PendingWrites != 0 || n.FarDown {
			t.Errorf("%+v; want nothing pending", n)
		}
	})
}

// No operation on far outlasts the wait of its call.
func TestLazyEndsWithItsCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, h := buildHanging(t)
		h.hangs.Store(true)
		began := time.Now()
		swap(t, r, store.Token{}, newToken(t, "a", time.Hour))
		time.Sleep(tiered.DefaultFarWait - time.Since(began))
		synctest.Wait()
		began = time.Now()
		if r.Close(); time.Since(began) > 0 {
			t.Errorf("something was under way for %v more", time.Since(began))
		}
	})
}

func TestLazyFollowsNothing(t *testing.T) {
	if _, err := tiered.New(tiered.Config{Lazy: true, Near: new(store.Map), Far: new(store.Map), Watch: new(watch)}); err == nil || !strings.Contains(err.Error(), "Watch") {
		t.Errorf("with a Watch: %v", err)
	}
	if r := buildLazy(t); r.Tiers().Follow != nil {
		t.Error("it can be followed")
	}
}
