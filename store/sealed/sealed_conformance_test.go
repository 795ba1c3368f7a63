package sealed_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/sealed"
	"github.com/advoware-go/advoware/store/storetest"
)

// wrap puts what is tested around an inner store.
type wrap func(t testing.TB, inner store.Store) store.Store

func TestConformance(t *testing.T) {
	t.Parallel()
	one := func(t testing.TB, inner store.Store) store.Store { return around(t, inner, newer, older) }
	t.Run("Map", func(t *testing.T) { aroundMap(t, one) })
	t.Run("memory", func(t *testing.T) { aroundMemory(t, one) })
	t.Run("miniredis", func(t *testing.T) { aroundMiniredis(t, one) })
}

// While keys are changed, processes seal with different ones. Whatever each of them
// does, together they must be one store, the races included. That is harder than
// TestConformance, so the real Redis is tried with this only.
func TestConformanceWhileKeysChange(t *testing.T) {
	t.Parallel()
	two := func(t testing.TB, inner store.Store) store.Store {
		return &fleet{processes: []*sealed.Store{around(t, inner, older, newer), around(t, inner, newer, older)}}
	}
	t.Run("Map", func(t *testing.T) { aroundMap(t, two) })
	t.Run("Redis", func(t *testing.T) { aroundRedis(t, two) })
}

// What processes that share a Redis agree on is agreed on through the seal too, also where
// scripts are refused.
func TestSharedConformance(t *testing.T) {
	t.Parallel()
	for name, rights := range map[string][]string{"by scripts": {"+@all"}, "without scripts": {"+@all", "-@scripting"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			srv.Do(append([]string{"ACL", "SETUSER", "default", "~*"}, rights...)...)
			for _, many := range []bool{true, false} {
				cfg := storetest.Config{New: func(t testing.TB) store.Store {
					inner := newRedis(t, srv.Addr(), brief)
					c := sealed.Config{Store: inner, Shared: inner, Keys: ringOf(t, newer, older)}
					if many {
						c.Many = inner
					}
					return mustNew(t, c)
				}}
				if many {
					storetest.RunShared(t, cfg)
				}
				storetest.RunMany(t, cfg)
			}
		})
	}
}

func aroundMap(t *testing.T, w wrap) {
	run(t, storetest.Config{
		New:       func(t testing.TB) store.Store { return w(t, new(store.Map)) },
		Tolerance: time.Microsecond,
		In:        synctest.Test,
	})
}

func aroundMemory(t *testing.T, w wrap) {
	run(t, storetest.Config{
		New: func(t testing.TB) store.Store {
			inner, err := memory.New(memory.Config{Capacity: 1000})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { inner.Close() })
			return w(t, inner)
		},
		Tolerance: time.Microsecond,
		In:        synctest.Test,
	})
}

// brief is a Config for tokens that live for a second.
var brief = redisstore.Config{Lifetime: 2 * time.Hour, Margins: store.Margins{Guard: time.Millisecond, Margin: time.Millisecond}}

func aroundMiniredis(t *testing.T, w wrap) {
	t.Parallel()
	mr := miniredis.RunT(t)
	run(t, storetest.Config{
		New: func(t testing.TB) store.Store { return w(t, newRedis(t, mr.Addr(), brief)) },
		// Its TTLs stand still by themselves; the expiry of tokens does not.
		Sleep: func(d time.Duration) { mr.FastForward(d); <-time.After(d) },
	})
}

func aroundRedis(t *testing.T, w wrap) {
	t.Parallel()
	srv := redistest.Start(t)
	run(t, storetest.Config{New: func(t testing.TB) store.Store { return w(t, newRedis(t, srv.Addr(), brief)) }})
}

// run is storetest.Run with another case for Text, which stores more than can be
// sealed.
func run(t *testing.T, c storetest.Config) {
	in := c.In
	if in == nil {
		in = func(t *testing.T, run func(*testing.T)) { run(t) }
	}
	c.In = func(t *testing.T, run func(*testing.T)) {
		if strings.HasSuffix(t.Name(), "/Text") {
			run = func(t *testing.T) { testText(t, c.New(t)) }
		}
		in(t, run)
	}
	storetest.Run(t, c)
}

// testText shows that a token comes back byte for byte, up to MaxTokenBytes.
func testText(t *testing.T, s store.Store) {
	var visible []byte
	for c := byte('!'); c <= '~'; c++ {
		visible = append(visible, c)
	}
	for _, text := range []string{"0", "null", "%41", "a+b=", string(visible), strings.Repeat("~", sealed.MaxTokenBytes)} {
		tok := token(t, text)
		stands, err := s.CompareAndSwap(t.Context(), name, store.Token{}, tok)
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range []store.Token{stands, at(t, s)} {
			if h := got.Header(); got.Reveal() != text || len(h) != 1 || h[0] != "Bearer "+text {
				t.Errorf("%d bytes came back as %d others", len(text), len(got.Reveal()))
			}
		}
		if err := s.CompareAndDelete(t.Context(), name, tok); err != nil {
			t.Fatal(err)
		}
	}
}

// fleet does each operation in the next process.
type fleet struct {
	processes []*sealed.Store
	turn      atomic.Uint64
}

func (f *fleet) next() *sealed.Store {
	return f.processes[f.turn.Add(1)%uint64(len(f.processes))]
}

func (f *fleet) Get(ctx context.Context, key string) (store.Token, error) {
	return f.next().Get(ctx, key)
}

func (f *fleet) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	return f.next().CompareAndSwap(ctx, key, old, tok)
}

func (f *fleet) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	return f.next().CompareAndDelete(ctx, key, old)
}
