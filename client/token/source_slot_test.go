package token_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/alloctest"
	"github.com/advoware-go/advoware/internal/atomictoken"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/memory"
)

// gets counts the lookups that a hit cannot do without.
type gets struct {
	store.Store
	n atomic.Int64
}

func (g *gets) Get(ctx context.Context, key string) (store.Token, error) {
	g.n.Add(1)
	return g.Store.Get(ctx, key)
}

// slotted is a Source that has the slot of its key.
type slotted struct {
	*token.Source
	mem     *memory.Store
	near    *gets
	fetches atomic.Int64
}

func openSlotted(t testing.TB, mem *memory.Store, oneShot bool) *slotted {
	t.Helper()
	s := &slotted{mem: mem, near: &gets{Store: mem}}
	source, err := token.New(token.Config{
		Store: s.near, Tiers: lease.Tiers{Slot: mem.Slot}, Key: "key", OneShot: oneShot, Logger: slog.New(slog.DiscardHandler),
		Fetch: func(context.Context) (store.Token, error) {
			now := time.Now()
			return store.NewToken(fmt.Sprint("key-", s.fetches.Add(1)), now, now.Add(time.Hour))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(source.Close)
	s.Source = source
	return s
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func openMem(t testing.TB, capacity int) *memory.Store {
	t.Helper()
	mem, err := memory.New(memory.Config{Capacity: capacity})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mem.Close() })
	return mem
}

func (s *slotted) want(t testing.TB, text string) {
	t.Helper()
	for _, get := range []func() (store.Token, error){
		func() (store.Token, error) { return s.Token(t.Context(), 0) },
		func() (store.Token, error) { f, err := s.Lookup(t.Context(), 0); return f.Token, err },
	} {
		if tok, err := get(); err != nil || tok.Reveal() != text {
			t.Fatalf("got %q, %v, want %q", tok.Reveal(), err, text)
		}
	}
}

// The hits of a Source that has the slot of its key do not look it up, also after a renewal by
// hand and a removal. Fails if the slot is not taken, or not taken again.
func TestSlotIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openSlotted(t, openMem(t, 10), false)
		defer s.Close()
		defer s.mem.Close()
		hits := func(text string) {
			t.Helper()
			for range 3 { // a run, the first use, and the one that takes the slot
				s.want(t, text)
			}
			before := s.near.n.Load()
			for range 100 {
				s.want(t, text)
			}
			if n := s.near.n.Load() - before; n != 0 {
				t.Errorf("%d lookups in 200 hits on %s", n, text)
			}
		}
		hits("key-1")
		if err := s.Reject(t.Context(), must(s.Token(t.Context(), 0))); err != nil {
			t.Fatal(err)
		}
		hits("key-2")
		time.Sleep(58 * time.Minute) // renewed
		synctest.Wait()
		hits("key-3")
	})
}

// What happens to the token in the store is seen by the next hit through the slot, as it is by
// Get. Each case fails if Store.remove, or Close, leaves the token in its slot.
func TestSlotFollowsStore(t *testing.T) {
	other := func(text string) store.Token {
		return must(store.NewToken(text, time.Now(), time.Now().Add(time.Hour)))
	}
	for name, c := range map[string]struct {
		change func(t *testing.T, mem *memory.Store, there store.Token)
		want   string // "" for memory.ErrClosed
	}{
		"deleted": {func(t *testing.T, mem *memory.Store, there store.Token) {
			if err := mem.CompareAndDelete(t.Context(), "key", there); err != nil {
				t.Fatal(err)
			}
		}, "key-2"},
		"replaced": {func(t *testing.T, mem *memory.Store, there store.Token) {
			_ = must(mem.CompareAndSwap(t.Context(), "key", there, other("replacement")))
		}, "replacement"},
		"deleted and stored": {func(t *testing.T, mem *memory.Store, there store.Token) {
			if err := mem.CompareAndDelete(t.Context(), "key", there); err != nil {
				t.Fatal(err)
			}
			_ = must(mem.CompareAndSwap(t.Context(), "key", store.Token{}, other("replacement")))
		}, "replacement"},
		"evicted": {func(t *testing.T, mem *memory.Store, _ store.Token) {
			for i := 0; mem.Slot("key") != nil; i++ {
				_ = must(mem.CompareAndSwap(t.Context(), fmt.Sprint("other", i), store.Token{}, other("other")))
			}
		}, "key-2"},
		"expired": {func(_ *testing.T, _ *memory.Store, there store.Token) {
			time.Sleep(time.Until(there.Expiry()))
			synctest.Wait()
		}, "key-2"},
		"closed": {func(_ *testing.T, mem *memory.Store, _ store.Token) { _ = mem.Close() }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := openSlotted(t, openMem(t, 1), true) // not renewed before its end
				defer s.mem.Close()
				defer s.Close()
				for range 3 {
					s.want(t, "key-1")
				}
				c.change(t, s.mem, must(s.mem.Get(t.Context(), "key")))
				if c.want != "" {
					s.want(t, c.want)
				} else if tok, err := s.Token(t.Context(), 0); !errors.Is(err, memory.ErrClosed) {
					t.Errorf("got %v, %v, want memory.ErrClosed", tok, err)
				}
			})
		})
	}
}

// A Source that is asked all the time keeps its place in a full store, although the store does
// not hear of its hits. Fails if a hit through the slot sets no CLOCK bit.
func TestSlotIsAccessed(t *testing.T) {
	mem := openMem(t, 100)
	s := openSlotted(t, mem, false)
	for i := range 1000 {
		s.want(t, "key-1")
		tok := must(store.NewToken("other", time.Now(), time.Now().Add(time.Hour)))
		_ = must(mem.CompareAndSwap(t.Context(), fmt.Sprint("other", i), store.Token{}, tok))
	}
	if n := s.fetches.Load(); n != 1 {
		t.Errorf("%d fetches, want 1", n)
	}
}

// A Source that is closed hands nothing out of the slot that it held.
func TestSlotOfAClosedSource(t *testing.T) {
	s := openSlotted(t, openMem(t, 10), false)
	for range 3 {
		s.want(t, "key-1")
	}
	s.Source.Close()
	if tok, err := s.Token(t.Context(), 0); !tok.IsZero() || !errors.Is(err, token.ErrClosed) {
		t.Errorf("Token: %v, %v", tok, err)
	}
	if f, err := s.Lookup(t.Context(), 0); !f.Token.IsZero() || !errors.Is(err, token.ErrClosed) {
		t.Errorf("Lookup: %v, %v", f, err)
	}
}

func TestSlotHitDoesNotAllocate(t *testing.T) {
	s := openSlotted(t, openMem(t, 10), false)
	for range 3 {
		s.want(t, "key-1")
	}
	alloctest.None(t, func() { _ = must(s.Token(t.Context(), 0)) })
}

// A Source that is not used keeps nothing of the near store: the slot of a token that has lapsed
// goes with it.
func TestSlotOfALapsedTokenIsFreed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mem := openMem(t, 10)
		defer mem.Close()
		s := openSlotted(t, mem, false)
		defer s.Close()
		for range 3 {
			s.want(t, "key-1")
		}
		slot := weak.Make[atomictoken.Slot](mem.Slot("key"))
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		runtime.GC()
		runtime.GC()
		if slot.Value() != nil {
			t.Error("it is held, although its token has ended and was not renewed")
		}
		runtime.KeepAlive(s)
	})
}
