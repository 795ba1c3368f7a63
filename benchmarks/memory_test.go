package benchmarks

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// BenchmarkIdentityMemory is what one more identity costs that nobody asks for, in
// bytes of heap over its key and its token, goroutines, and timers. What a store sets
// aside for them beforehand is counted. ns/op means nothing.
//
// layer=store is the store alone. layer=source is a token.Source for each, and its
// place in the tiered store that they share, which is a new one for each count, and by
// itself is not counted: state=used has a valid token, whose renewal is planned;
// state=lapsed has not been used since, and its token has ended.
func BenchmarkIdentityMemory(b *testing.B) {
	keys := newPopulation(pick(100_000, 5000)).keys
	for _, s := range keyedSubjects {
		if s.name == "tiered" || s.name == "rueidis" {
			continue // layer=source is the one; Redis has what the other one keeps
		}
		b.Run("layer=store/store="+s.name, func(b *testing.B) {
			for b.Loop() {
				gw := &gateway{same: true}
				idle(b, keys, func(tb testing.TB) filling {
					return func(keys []string) (keep func()) {
						get := s.open(tb, gw, len(keys))
						ask(tb, get, keys)
						return func() { runtime.KeepAlive(get) }
					}
				})
			}
		})
	}
	keys = keys[:len(keys)/10]
	b.Run("layer=source/state=used", func(b *testing.B) {
		for b.Loop() {
			idle(b, keys, func(tb testing.TB) filling {
				w := openInUse(tb)
				return func(keys []string) (keep func()) {
					keep, _ = openSources(tb, w, store.DefaultLifetime, keys)
					return keep
				}
			})
		}
	})
	b.Run("layer=source/state=lapsed", func(b *testing.B) {
		life := pick(4*time.Second, 500*time.Millisecond)
		for b.Loop() {
			idle(b, keys, func(tb testing.TB) filling {
				w := openInUse(tb)
				return func(keys []string) func() {
					keep, lapse := openSources(tb, w, life, keys)
					lapse()
					return keep
				}
			})
		}
	})
}

// openInUse returns a tiered store that has a token of somebody else: what it makes for
// the first one, a timer for all that end, is not there for each of the others.
func openInUse(tb testing.TB) wiring {
	w := openTiered(tb)
	_ = must(w.all.CompareAndSwap(tb.Context(), tokenKey, store.Token{}, must(new(gateway).fetch(tb.Context()))))
	return w
}

// openSources makes a Source for each key and uses it once. lapse waits until none of
// the tokens is renewed any more: the first renewal finds it used, the second does not.
func openSources(tb testing.TB, w wiring, life time.Duration, keys []string) (keep, lapse func()) {
	fetch := func(context.Context) (store.Token, error) {
		now := time.Now()
		return store.NewToken(tokenText, now, now.Add(life))
	}
	var lapsed sync.WaitGroup
	lapsed.Add(len(keys))
	log, hooks := quiet(), token.Hooks{Lapsed: func(store.Token) { lapsed.Done() }}
	sources := make([]*token.Source, len(keys))
	for i, key := range keys {
		sources[i] = must(token.New(token.Config{
			Store: w.all, Tiers: w.tiers(), Key: key, Fetch: fetch, Logger: log, Lifetime: life, Margins: store.Margins{Guard: time.Millisecond, Margin: life / 2}, Hooks: hooks,
		}))
		_ = must(sources[i].Token(tb.Context(), 0))
	}
	tb.Cleanup(func() {
		for _, s := range sources {
			s.Close()
		}
	})
	return func() { runtime.KeepAlive(w); runtime.KeepAlive(sources) }, lapsed.Wait
}

// filling makes use of keys, and returns what keeps that alive.
type filling func(keys []string) (keep func())

// idle reports what is left for each of the keys that are filled in. What open opens
// itself is not counted. Timers are counted with fewer keys: with every allocation in
// the profile all takes much longer.
func idle(b *testing.B, keys []string, open func(testing.TB) filling) {
	report := func(keys []string, sizes map[string]func() int64) {
		part := &scope{TB: b}
		defer part.end()
		fill, before := open(part), make(map[string]int64)
		for unit, size := range sizes {
			before[unit] = size()
		}
		keep := fill(keys)
		for unit, size := range sizes {
			each := float64(size()-before[unit]) / float64(len(keys))
			b.ReportMetric(math.Round(each*100)/100, unit) // one of a thousand that was just stopped is nobody's
		}
		keep()
	}
	report(keys, map[string]func() int64{"B/identity": liveHeap})
	defer func(rate int) { runtime.MemProfileRate = rate }(runtime.MemProfileRate)
	runtime.MemProfileRate = 1
	report(keys[:len(keys)/10], map[string]func() int64{
		"timers/identity":     liveTimers,
		"goroutines/identity": func() int64 { return int64(runtime.NumGoroutine()) },
	})
}

func liveHeap() int64 {
	for range 3 { // what has a finalizer, or is in a pool, takes more than one
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// liveTimers counts the timers that exist, by where they were allocated: nothing else
// tells. One that was stopped counts while somebody holds it, as the runtime does until
// it tidies up.
func liveTimers() (n int64) {
	liveHeap() // the profile is of the last collection but one
	records := make([]runtime.MemProfileRecord, 1<<14)
	found, ok := runtime.MemProfile(records, false)
	if !ok {
		panic(fmt.Sprintf("%d kinds of allocations", found))
	}
	for _, r := range records[:found] {
		frames := runtime.CallersFrames(r.Stack())
		for {
			frame, more := frames.Next()
			if strings.HasPrefix(frame.Function, "time.newTimer") {
				n += r.InUseObjects()
			}
			if !more {
				break
			}
		}
	}
	return n
}
