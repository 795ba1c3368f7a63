package memory_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
)

// Each of many tokens is found until its expiry and missed from then on, to the
// nanosecond of the bubble's clock. Fails with a timer that is not set to the
// first deadline, and with a heap out of order.
func TestExpiryExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 500
		s := open(t, 0)
		random := rand.New(rand.NewPCG(1, 2))
		start := time.Now()
		ends := make([]time.Duration, n)
		toks := make([]store.Token, n)
		for i := range n {
			ends[i] = time.Duration(1+random.IntN(100)) * time.Second
			toks[i] = token(fmt.Sprint("first", i), ends[i])
			swap(t, s, fmt.Sprint("key", i), none, toks[i], toks[i])
		}
		for i := 0; i < n; i += 2 { // half of them renewed: to a later or an earlier end
			old := toks[i]
			ends[i] = time.Duration(1+random.IntN(200)) * time.Second
			toks[i] = token(fmt.Sprint("second", i), ends[i])
			swap(t, s, fmt.Sprint("key", i), old, toks[i], toks[i])
		}
		for i := 0; i < n; i += 5 {
			if err := s.CompareAndDelete(t.Context(), fmt.Sprint("key", i), toks[i]); err != nil {
				t.Fatal(err)
			}
			ends[i] = 0
		}
		check := func(elapsed time.Duration) {
			t.Helper()
			left := 0
			for i := range n {
				want := none
				if ends[i] > elapsed {
					want = toks[i]
					left++
				}
				holds(t, s, fmt.Sprint("key", i), want)
			}
			if got := s.Stats().Tokens; got != left {
				t.Fatalf("after %v Tokens = %d, want %d", elapsed, got, left)
			}
		}
		for sec := time.Duration(1); sec <= 201; sec++ {
			for _, at := range []time.Duration{sec*time.Second - 1, sec * time.Second} {
				time.Sleep(time.Until(start.Add(at)))
				synctest.Wait() // the timer's goroutine, which is due at the same instant
				check(at)
			}
		}
	})
}

// A token that is past its expiry, but that the timer has not removed yet, is replaced
// whatever old is. Fails without the ValidAt of CompareAndSwap: the
// writer here and the timer are due at the same instant.
func TestSwapBeforeTimer(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			s := open(t, 10)
			old := token("old", time.Minute)
			swap(t, s, "key", none, old, old)
			time.Sleep(time.Minute)
			tok := token("new", time.Minute)
			swap(t, s, "key", none, tok, tok)
			synctest.Wait()
			holds(t, s, "key", tok)
			time.Sleep(time.Minute - 1)
			holds(t, s, "key", tok)
			time.Sleep(time.Nanosecond)
			synctest.Wait()
			holds(t, s, "key", none)
		})
	}
}

// An expiry without a monotonic reading, and one that no Duration can reach.
// Fails without maxTTL: a sum overflows, and the token is gone at once.
func TestOddExpiries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 10)
		time.Sleep(time.Second)
		put := func(key string, expiry time.Time) store.Token {
			tok, err := store.NewToken(key, time.Time{}, expiry)
			if err != nil {
				t.Fatal(err)
			}
			swap(t, s, key, none, tok, tok)
			return tok
		}
		wall := put("wall", time.Now().Round(0).Add(time.Minute))
		endless := put("endless", time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))
		time.Sleep(time.Minute - 1)
		holds(t, s, "wall", wall)
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		holds(t, s, "wall", none)
		time.Sleep(50 * 365 * 24 * time.Hour) // past the longest that a timer is set to
		holds(t, s, "endless", endless)
	})
}

// A store with nothing in it has nothing scheduled: fifty years pass in an
// instant. Fails (by taking minutes) with ristretto's ticker at its default, or
// with a timer that is set to a fixed step.
func TestQuietWhenEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 10)
		tok := token("tok", time.Minute)
		swap(t, s, "key", none, tok, tok)
		time.Sleep(50 * 365 * 24 * time.Hour)
		holds(t, s, "key", none)
	})
}

// Many tokens that end together are removed in batches, so that a writer waits for one
// batch and not for all. Fails with one batch: then all of them expire before any other
// method has its turn.
func TestMassExpiryIsInBatches(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	synctest.Test(t, func(t *testing.T) {
		const n = 20_000
		s := open(t, n+1)
		fill(t, s, "key", n, time.Minute)
		start := time.Now()
		time.Sleep(time.Minute)
		seen, smallest := 0, uint64(n) // states that are neither before nor after the expiry
		for last, expired := uint64(0), uint64(0); expired < n; runtime.Gosched() {
			if expired = s.Stats().Expired; last < expired && expired < n {
				seen, smallest, last = seen+1, min(smallest, expired-last), expired
			}
		}
		if seen < 10 || smallest != 64 {
			t.Errorf("%d states between none and all expired were seen, %d tokens apart; want 10 at least, and 64", seen, smallest)
		}
		if took := time.Since(start); took != time.Minute {
			t.Errorf("all have expired after %v", took)
		}
		// The timer is set again for those that are left.
		tok := token("tok", time.Minute)
		swap(t, s, "last", none, tok, tok)
		time.Sleep(time.Minute)
		synctest.Wait()
		holds(t, s, "last", none)
	})
}

// Writes during a mass expiry do what they do at any other time, and what was written
// ends at its own expiry.
func TestWritesDuringMassExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 5000
		s := open(t, 2*n)
		toks := fill(t, s, "key", n, time.Minute)
		time.Sleep(time.Minute)
		renewed := make([]store.Token, n)
		for i := range toks {
			renewed[i] = token(fmt.Sprint("renewed", i), time.Minute)
			swap(t, s, fmt.Sprint("key", i), toks[i], renewed[i], renewed[i])
		}
		synctest.Wait()
		for i, tok := range renewed {
			holds(t, s, fmt.Sprint("key", i), tok)
		}
		time.Sleep(time.Minute - 1)
		if got := s.Stats().Tokens; got != n {
			t.Errorf("%d are left before their expiry, want %d", got, n)
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if got := s.Stats().Tokens; got != 0 {
			t.Errorf("%d are left after their expiry", got)
		}
	})
}

// Tokens that end together are removed on one goroutine, however many writers set the timer meanwhile.
func TestMassExpiryIsOneGoroutine(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // a writer between two batches
	synctest.Test(t, func(t *testing.T) {
		const n, most = 20_000, 5
		s := open(t, 2*n)
		fill(t, s, "key", n, time.Minute)
		runtime.GC() // whose goroutines are counted too
		before, writes := created(), 0
		time.Sleep(time.Minute)
		for s.Stats().Expired < n {
			fill(t, s, fmt.Sprint("new", writes, "-"), 1, time.Hour)
			writes++
			runtime.Gosched()
		}
		if got := created() - before; writes < 2*most || got > most {
			t.Errorf("%d goroutines during %d writes, want %d at most", got, writes, most)
		}
	})
}
