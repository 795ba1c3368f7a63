package tiered_test

import (
	"context"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/tiered"
)

// slowLease answers when nobody waits any more, whatever its context says.
type slowLease struct {
	d        time.Duration
	released chan struct{}
}

func (l *slowLease) Acquire(context.Context, string, lease.Ask) (lease.Outcome, error) {
	time.Sleep(l.d)
	return lease.Outcome{Release: func(*lease.Failure) { close(l.released) }}, nil
}

func TestLeaseThatComesAfterFarTimeoutIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &slowLease{6 * time.Second, make(chan struct{})}
		s, err := tiered.New(tiered.Config{Near: new(store.Map), Far: new(store.Map), Lease: l, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if outcome, err := s.Acquire(t.Context(), key, ask); err == nil {
			t.Errorf("got %+v", outcome)
		}
		time.Sleep(time.Minute)
		select {
		case <-l.released:
		default:
			t.Error("the lease is held for ever")
		}
	})
}

// A process reads an empty far after a gap; before it writes back, the token is
// rejected here.
func TestRejectedTokenIsNotWrittenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		r, _ := inUse(t, a)
		_ = r.far.Map.CompareAndDelete(t.Context(), key, a) // FLUSHALL
		r.far.set(nil, time.Millisecond)
		done := make(chan struct{})
		r.far.get = func() { // the answer "nothing there" is on its way
			go func() { defer close(done); _ = r.CompareAndDelete(context.Background(), key, a) }()
			time.Sleep(time.Microsecond)
		}
		r.watch.push(true)
		<-done
		time.Sleep(time.Second)
		holds(t, "near", r.near, "")
		holds(t, "far", &r.far.Map, "")
	})
}

// others is a far store as seen by a process that cannot read what others write.
type others struct {
	*far
	push func()
	mine string
}

func (o *others) Get(ctx context.Context, key string) (store.Token, error) {
	tok, err := o.far.Get(ctx, key)
	if err == nil && tok.Reveal() != o.mine {
		return store.Token{}, store.ErrUnusable
	}
	return tok, err
}

func (o *others) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	there, _ := o.far.Map.Get(ctx, key)
	standing, err := o.far.CompareAndSwap(ctx, key, there, tok) // what it cannot read it replaces
	o.push()
	return standing, err
}

func TestProcessesThatCannotReadEachOtherDoNotRace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer time.Sleep(time.Second)
		f, w := new(far), new(watch)
		f.set(nil, 200*time.Microsecond)
		push := func() {
			go func() {
				time.Sleep(50 * time.Microsecond)
				w.mu.Lock()
				defer w.mu.Unlock()
				for _, changed := range w.follows {
					changed(false)
				}
			}()
		}
		for _, name := range []string{"a", "b"} {
			o := &others{f, push, name}
			s, err := tiered.New(tiered.Config{Near: new(store.Map), Far: o, Watch: w, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			swap(t, s, store.Token{}, newToken(t, name, time.Hour))
			defer s.Follow(key, func(store.Token) {})()
		}
		f.writes.Store(0)
		time.Sleep(10 * time.Second)
		if n := f.writes.Load(); n > 10 {
			t.Errorf("%d writes in 10 s", n)
		}
	})
}

// Each push in an outage must not add a timer of its own that goes on for ever.
func TestPushesInAnOutageDoNotPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		near, f, w := new(counting), new(far), new(watch)
		s, err := tiered.New(tiered.Config{Near: near, Far: f, Watch: w, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		swap(t, s, store.Token{}, a)
		defer s.Follow(key, func(store.Token) {})()
		synctest.Wait()
		f.set(errDown, 0)
		for range 1000 {
			w.push(false)
			time.Sleep(3 * time.Millisecond)
		}
		time.Sleep(time.Hour)
		before := near.gets.Load()
		time.Sleep(5 * time.Second)
		if looks := near.gets.Load() - before; looks > 3 {
			t.Errorf("an hour later: %d looks in 5 s", looks)
		}
	})
}

type counting struct {
	store.Map
	gets atomic.Int64
}

func (c *counting) Get(ctx context.Context, key string) (store.Token, error) {
	c.gets.Add(1)
	return c.Map.Get(ctx, key)
}
