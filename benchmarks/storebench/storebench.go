// Package storebench measures any [store.Store], as package storetest checks it: one call in
// one test file, and go test -bench shows what a store costs, beside the simplest one there is.
//
//	func BenchmarkStore(b *testing.B) {
//		storebench.Run(b, storebench.Config{New: func(tb testing.TB) store.Store { return newMyStore(tb) }})
//	}
//
// The names are keys that benchstat groups by: store=mine is the store, store=map the floor, a
// map under a mutex. See docs/study.md for what each case is, and how to read it.
//
// Run is called from one goroutine; a store must be safe for concurrent use.
package storebench

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// Config says what is measured. Only New is required.
type Config struct {
	// New returns an open store, which it closes in tb.Cleanup. It is called for each case
	// anew. The store need not be empty: the keys are random.
	New func(tb testing.TB) store.Store

	// Name is the value of the key store=; empty means mine.
	Name string

	// Identities is how many keys the case identities has; 0 means 10,000.
	Identities int

	// Callers is how many goroutines ask a cold store at once; 0 means 1,000.
	Callers int

	// FetchLatency is how long a token request takes in the cases that make one; 0 means
	// 50 ms. The real gateway's takes 1 to 2 s.
	FetchLatency time.Duration

	// Lifetime is how long tokens live in the case expiry; 0 means 2 s. A store that knows
	// of whole seconds only needs more.
	Lifetime time.Duration
}

func (c Config) withDefaults() Config {
	c.Name = cmp.Or(c.Name, "mine")
	c.Identities = cmp.Or(c.Identities, pick(10_000, 100))
	c.Callers = cmp.Or(c.Callers, pick(1000, 50))
	c.FetchLatency = cmp.Or(c.FetchLatency, 50*time.Millisecond)
	c.Lifetime = cmp.Or(c.Lifetime, 2*time.Second)
	return c
}

// Run measures the store that c.New returns.
func Run(b *testing.B, c Config) {
	b.Helper()
	if c.New == nil {
		b.Fatal("storebench: Config.New is required")
	}
	c = c.withDefaults()
	for _, one := range cases {
		for _, s := range []struct {
			name string
			open func(testing.TB) store.Store
		}{{c.Name, c.New}, {"map", func(testing.TB) store.Store { return new(store.Map) }}} {
			b.Run("case="+one.name+"/store="+s.name, func(b *testing.B) { one.run(b, c, s.open) })
		}
	}
}

// cases are what is measured, in this order.
var cases = []struct {
	name string
	run  func(*testing.B, Config, func(testing.TB) store.Store)
}{
	{"hit", hit},
	{"miss", miss},
	{"put", put},
	{"delete", remove},
	{"identities", identities},
	{"stampede", stampede},
	{"expiry", expiry},
}

// brief reports whether everything is run just once, to see that it runs. A program that calls
// testing.Benchmark may have no flags of a test.
func brief() bool {
	f := flag.Lookup("test.benchtime")
	return f != nil && f.Value.String() == "1x"
}

func pick[T any](full, short T) T {
	if brief() {
		return short
	}
	return full
}

// newKey returns a key that no store has.
func newKey() string { return fmt.Sprintf("storebench-%016x", rand.Uint64()) }

// newToken returns a token that lives for so long from now.
func newToken(life time.Duration) (store.Token, error) {
	now := time.Now()
	return store.NewToken(fmt.Sprintf("storebench-%016x-%0380d", rand.Uint64(), 0), now, now.Add(life))
}

// freshToken returns a token that outlives the benchmark.
func freshToken(tb testing.TB) store.Token {
	tb.Helper()
	tok, err := newToken(store.DefaultLifetime)
	if err != nil {
		tb.Fatal(err)
	}
	return tok
}

// put1 puts a token under a key of a store that has none there, and returns both.
func put1(tb testing.TB, s store.Store, key string) store.Token {
	tb.Helper()
	tok, err := s.CompareAndSwap(tb.Context(), key, store.Token{}, freshToken(tb))
	if err != nil {
		tb.Fatalf("putting a token: %v", err)
	}
	return tok
}

// source returns a token.Source on a store, for a key that it has no token for.
func source(tb testing.TB, s store.Store, latency time.Duration, life time.Duration, margins store.Margins, requests *atomic.Int64) *token.Source {
	tb.Helper()
	src, err := token.New(token.Config{
		Store: s, Key: newKey(), Lifetime: life, Margins: margins, Logger: slog.New(slog.DiscardHandler),
		Fetch: func(ctx context.Context) (store.Token, error) {
			requests.Add(1)
			select {
			case <-time.After(latency):
			case <-ctx.Done():
				return store.Token{}, ctx.Err()
			}
			return newToken(life - margins.Guard)
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return src
}
