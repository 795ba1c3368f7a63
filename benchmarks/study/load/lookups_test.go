package load_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/load"
)

// lookups counts them.
type lookups struct{ hits, waits atomic.Int64 }

func counter(hits, waits int64) *lookups {
	l := new(lookups)
	l.hits.Store(hits)
	l.waits.Store(waits)
	return l
}

func (l *lookups) lookups() load.Lookups {
	return load.Lookups{Hits: l.hits.Load(), Waits: l.waits.Load()}
}

// Lookups are noted in the slot in which they end: those of a stall at its end, and what
// comes after the schedule in the last slot. None is lost.
func TestLookupsAreCountedInEachSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now().Add(time.Second)
		count := counter(1000, 1000) // of a time before the run
		r := run(t, t.Context(), load.Config{
			Rate: 100, Duration: 1500 * ms, Workers: 1, Start: start, Lookups: count.lookups,
			Call: func(context.Context) error {
				switch at := time.Since(start); at {
				case 500 * ms: // and nothing else for half a second
					time.Sleep(495 * ms)
					count.waits.Add(1)
				case 1490 * ms:
					time.Sleep(time.Second)
					count.waits.Add(1)
				default:
					time.Sleep(ms)
					count.hits.Add(1)
				}
				return nil
			},
		})
		var sum load.Lookups
		for i, s := range r.Slots {
			sum.Hits, sum.Waits = sum.Hits+s.Lookups.Hits, sum.Waits+s.Lookups.Waits
			want := int64(1)
			switch {
			case i >= 50 && i < 99:
				want = 0
			case i >= 99 && i < 105: // those that queued meanwhile
				continue
			}
			if got := s.Lookups.Hits + s.Lookups.Waits; got != want {
				t.Errorf("slot %d has %+v; want %d", i, s.Lookups, want)
			}
		}
		if len(r.Slots) != 150 || sum != (load.Lookups{Hits: 148, Waits: 2}) || r.Slots[99].Lookups.Waits != 1 || r.Slots[149].Lookups.Waits != 1 {
			t.Errorf("%d slots, %+v; in the hundredth %+v, in the last %+v", len(r.Slots), sum, r.Slots[99].Lookups, r.Slots[149].Lookups)
		}
		if m := load.Merge(r, r); m.Slots[99].Lookups != (load.Lookups{Hits: 2 * r.Slots[99].Lookups.Hits, Waits: 2}) {
			t.Errorf("two of them have %+v in the hundredth", m.Slots[99].Lookups)
		}
	})
}

// A run that is broken off has the lookups until then.
func TestLookupsOfARunThatIsBrokenOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1005*ms)
		defer cancel()
		count := counter(0, 0)
		r := run(t, ctx, load.Config{
			Rate: 100, Duration: 15 * time.Second, Workers: 1, Start: time.Now(), Lookups: count.lookups,
			Call: func(context.Context) error { count.hits.Add(1); return nil },
		})
		var sum int64
		for _, s := range r.Slots {
			sum += s.Lookups.Hits
		}
		if sum != int64(r.Done) || sum == 0 {
			t.Errorf("%d hits in %d calls", sum, r.Done)
		}
	})
}
