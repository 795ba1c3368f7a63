package tiered_test

import (
	"context"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// stalls is a near store whose caller does not get to run for a while after each token that it took.
type stalls struct {
	store.Map
	meanwhile func()
}

func (s *stalls) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	standing, err := s.Map.CompareAndSwap(ctx, key, old, tok)
	s.meanwhile()
	return standing, err
}

// A gap during an exchange is looked at while near has nothing. What far has lost by it was not
// deleted, also for a look that comes before the exchange has said what it missed.
func TestGapDuringAnExchangeIsNoDeletion(t *testing.T) {
	for name, exchange := range map[string]func(*tiered.Store, *far, store.Token){
		"a write": func(s *tiered.Store, _ *far, a store.Token) {
			_, _ = s.CompareAndSwap(context.Background(), key, store.Token{}, a)
		},
		"a read": func(s *tiered.Store, f *far, a store.Token) {
			_, _ = f.Map.CompareAndSwap(context.Background(), key, store.Token{}, a)
			_, _ = s.Get(context.Background(), key)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newToken(t, "a", time.Hour)
				var w watch
				f := new(far)
				near := &stalls{meanwhile: func() {
					_ = f.Map.CompareAndDelete(context.Background(), key, a)
					w.tell(false)
					time.Sleep(100 * time.Millisecond)
				}}
				s, err := tiered.New(tiered.Config{Near: near, Far: f, Watch: &w, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				defer s.Follow(key, nil)()
				time.Sleep(2 * time.Second) // the first looks are over
				f.set(nil, 50*time.Millisecond)
				go exchange(s, f, a)
				time.Sleep(10 * time.Millisecond)
				w.tell(true)
				time.Sleep(time.Minute)
				holds(t, "near", &near.Map, "a")
				holds(t, "far", &f.Map, "a")
			})
		})
	}
}

// What a read brings was there after the gaps before it: a deletion just after it is one, although
// such a gap was looked at while near had nothing.
func TestDeletionJustAfterARead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		r := build(t)
		defer r.Follow(key, nil)()
		time.Sleep(2 * time.Second) // the first looks are over
		swap(t, &r.far.Map, store.Token{}, a)
		holds(t, "tiered", r, "a")
		_ = r.far.Map.CompareAndDelete(t.Context(), key, a)
		r.watch.tell(false)
		time.Sleep(time.Minute)
		holds(t, "near", r.near, "")
		holds(t, "far", &r.far.Map, "")
	})
}

// scripted is a far store whose reads and writes are those of functions, if these are set.
type scripted struct {
	store.Map
	get func(ctx context.Context) (store.Token, error)
	cas func(ctx context.Context) (store.Token, error)
}

func (h *scripted) Get(ctx context.Context, key string) (store.Token, error) {
	if h.get != nil {
		return h.get(ctx)
	}
	return h.Map.Get(ctx, key)
}

func (h *scripted) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if h.cas != nil {
		return h.cas(ctx)
	}
	return h.Map.CompareAndSwap(ctx, key, old, tok)
}

// An exchange that begins after a gap says nothing of another one, which began before it.
func TestGapDuringOneOfTwoExchanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		var w watch
		f := new(scripted)
		near := &stalls{meanwhile: func() { w.tell(false); time.Sleep(100 * time.Millisecond) }}
		s, err := tiered.New(tiered.Config{Near: near, Far: f, Watch: &w, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		defer s.Follow(key, nil)()
		time.Sleep(2 * time.Second) // the first looks are over
		swap(t, &f.Map, store.Token{}, a)
		var reads atomic.Int64
		synctest.Wait()
		f.get = func(ctx context.Context) (store.Token, error) {
			tok, err := f.Map.Get(ctx, key)
			if reads.Add(1) == 1 {
				time.Sleep(50 * time.Millisecond) // the answer is on its way
			}
			return tok, err
		}
		go s.Get(context.Background(), key)
		time.Sleep(10 * time.Millisecond)
		_ = f.Map.CompareAndDelete(t.Context(), key, a) // everything is lost
		w.tell(true)
		time.Sleep(10 * time.Millisecond)
		holds(t, "tiered", s, "")
		time.Sleep(time.Minute)
		holds(t, "near", &near.Map, "a")
		holds(t, "far", &f.Map, "a")
	})
}

// A gap while a write is pending says nothing of a deletion after the write was made.
func TestDeletionAfterAPendingWriteAndAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		var w watch
		f, near := new(far), new(store.Map)
		s, err := tiered.New(tiered.Config{Near: near, Far: f, Watch: &w, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		defer s.Follow(key, nil)()
		swap(t, s, store.Token{}, a)
		time.Sleep(2 * time.Second)
		f.set(errDown, 0)
		swap(t, s, a, b)
		synctest.Wait()
		f.set(nil, 0)
		time.Sleep(time.Second)
		w.tell(true)
		time.Sleep(4*time.Second + 500*time.Microsecond)
		if err := s.CompareAndDelete(t.Context(), key, a); err != nil {
			t.Fatal(err)
		}
		holds(t, "far", &f.Map, "b") // before the pending write was to be made again
		time.Sleep(3 * time.Second)
		_ = f.Map.CompareAndDelete(t.Context(), key, b)
		w.tell(false)
		time.Sleep(20 * time.Second)
		holds(t, "near", near, "")
		holds(t, "far", &f.Map, "")
	})
}

// An operation that fails in more ways than one is one error.
func TestErrorOfAnOperationIsCountedOnce(t *testing.T) {
	hangs := func(ctx context.Context) (store.Token, error) { <-ctx.Done(); return store.Token{}, ctx.Err() }
	for _, left := range []time.Duration{250, 150, 130} {
		synctest.Test(t, func(t *testing.T) {
			f := &scripted{cas: hangs}
			s, err := tiered.New(tiered.Config{Near: new(store.Map), Far: f, BreakerTimeout: time.Minute, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			ctx, _ := farwait.With(t.Context(), left*time.Millisecond)
			if _, err := s.CompareAndSwap(ctx, key, store.Token{}, newToken(t, "a", time.Hour)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(6 * time.Second)
			if n := s.Stats().FarErrors; n != 1 {
				t.Errorf("%d ms left: %d errors", left, n)
			}
		})
	}
}

// An exchange that began after a gap keeps none for a token that it, or another one, brings: also not
// while the ones that began before the gap have only just ended.
func TestGapBeforeAnExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		var w watch
		var slow atomic.Int64
		f := new(scripted)
		f.get = func(ctx context.Context) (store.Token, error) {
			tok, err := f.Map.Get(ctx, key)
			time.Sleep(time.Duration(slow.Load()))
			return tok, err
		}
		read := func(takes time.Duration, get func(context.Context, string) (store.Token, error)) {
			slow.Store(int64(takes))
			go func() { _, _ = get(context.Background(), key) }()
			synctest.Wait()
			slow.Store(0)
		}
		near := new(store.Map)
		s, err := tiered.New(tiered.Config{Near: near, Far: f, Watch: &w, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		defer s.Follow(key, nil)()
		time.Sleep(2 * time.Second)      // the first looks are over
		read(50*time.Millisecond, s.Get) // finds nothing
		w.tell(true)
		time.Sleep(5 * time.Millisecond)
		swap(t, &f.Map, store.Token{}, a)
		read(50*time.Millisecond, s.Get)  // brings a
		time.Sleep(48 * time.Millisecond) // the first one has ended
		read(100*time.Millisecond, s.Reread)
		time.Sleep(10 * time.Millisecond)
		holds(t, "near", near, "a")
		_ = f.Map.CompareAndDelete(t.Context(), key, a)
		w.tell(false)
		time.Sleep(time.Minute)
		holds(t, "near", near, "")
		holds(t, "far", &f.Map, "")
	})
}

// hesitates is a near store whose caller does not get to run for a while before it takes a token.
type hesitates struct {
	store.Map
	meanwhile func()
}

func (h *hesitates) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if h.meanwhile != nil {
		h.meanwhile()
	}
	return h.Map.CompareAndSwap(ctx, key, old, tok)
}

// A deletion that finds the token of another process is an exchange as well: if that token is
// deleted just before near takes it, the look for the push has seen nothing of it.
func TestDeletionDuringADeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour), newToken(t, "c", time.Hour)
		var w watch
		f, near := new(far), new(hesitates)
		s, err := tiered.New(tiered.Config{Near: near, Far: f, Watch: &w, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		defer s.Follow(key, nil)()
		swap(t, s, store.Token{}, a)
		time.Sleep(2 * time.Second)
		f.set(errDown, 0)
		swap(t, s, a, b) // is pending
		synctest.Wait()
		f.set(nil, 0)
		time.Sleep(5*time.Second + 500*time.Microsecond) // just before it is made again
		swap(t, &f.Map, a, c)
		near.meanwhile = func() {
			near.meanwhile = nil
			_ = f.Map.CompareAndDelete(context.Background(), key, c)
			w.tell(false)
			time.Sleep(100 * time.Millisecond)
		}
		if err := s.CompareAndDelete(t.Context(), key, a); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		holds(t, "near", &near.Map, "")
		holds(t, "far", &f.Map, "")
	})
}

// A gap during an exchange that is slow is looked at once near has a token. A deletion after that is
// one, although the exchange is still under way.
func TestDeletionAfterAGapDuringASlowExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		r := build(t)
		defer r.Follow(key, nil)()
		time.Sleep(2 * time.Second) // the first looks are over
		r.far.set(nil, 200*time.Millisecond)
		go func() { _, _ = r.Get(context.Background(), key) }()
		synctest.Wait()
		r.far.set(nil, 0)
		r.watch.push(true) // while near has nothing
		swap(t, r, store.Token{}, a)
		r.watch.push(false)
		_ = r.far.Map.CompareAndDelete(t.Context(), key, a)
		r.watch.push(false)
		holds(t, "near", r.near, "")
		time.Sleep(time.Minute)
		holds(t, "near", r.near, "")
		holds(t, "far", &r.far.Map, "")
	})
}

// A key is followed anew while an exchange is under way. What far has lost meanwhile was not deleted.
func TestKeyFollowedAnewDuringAnExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		r := build(t)
		stop := r.Follow(key, nil)
		time.Sleep(2 * time.Second) // the first looks are over
		swap(t, &r.far.Map, store.Token{}, a)
		r.far.afterGet(func() {
			stop()
			t.Cleanup(r.Follow(key, nil))
			time.Sleep(50 * time.Millisecond) // it is looked at, while near has nothing
			_ = r.far.Map.CompareAndDelete(t.Context(), key, a)
		})
		holds(t, "both", r, "a")
		time.Sleep(time.Minute)
		holds(t, "near", r.near, "a")
		holds(t, "far", &r.far.Map, "a")
	})
}

// What far has lost by a gap during a slow exchange is written back by the look that comes once near has
// it, while the exchange is still under way.
func TestLossDuringASlowExchangeIsWrittenBackAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		r := build(t)
		defer r.Follow(key, nil)()
		time.Sleep(2 * time.Second) // the first looks are over
		r.far.set(nil, 200*time.Millisecond)
		go func() { _, _ = r.Get(context.Background(), key) }()
		synctest.Wait()
		r.far.set(nil, 0)
		r.watch.push(true) // while near has nothing
		swap(t, r.near, store.Token{}, a)
		r.watch.tell(false)
		synctest.Wait()
		holds(t, "far", &r.far.Map, "a")
	})
}
