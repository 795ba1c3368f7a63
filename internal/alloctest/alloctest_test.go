package alloctest_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/advoware-go/advoware/internal/alloctest"
)

// sink keeps what is allocated on the heap.
var sink any

// every returns what allocates in every nth run.
func every(n int, allocate func()) func() {
	run := 0
	return func() {
		if run++; run%n == 0 {
			allocate()
		}
	}
}

func TestNone(t *testing.T) {
	large := func() { sink = new([64]byte) }
	small := func() { sink = new(bool) } // shares a block with others of its kind
	for _, c := range []struct {
		name  string
		f     func()
		fails bool
	}{
		{"nothing", func() {}, false},
		{"each run", large, true},
		{"each run, a byte", small, true},
		{"every second run", every(2, large), true},
		{"every second run, a byte", every(2, small), true},
		{"2 % of the runs", every(50, large), true},
		{"less than 1 % of the runs", every(200, large), false},
		{"the first run only", func() func() {
			var once []byte
			return func() {
				if once == nil {
					once = make([]byte, 64)
				}
				once[0]++
			}
		}(), false},
	} {
		r := recorder{TB: t}
		alloctest.None(&r, c.f)
		if fails := len(r.fatal) > 0; fails != c.fails {
			t.Errorf("%s: None says %q; want a failure: %v", c.name, r.fatal, c.fails)
		}
	}
}

func TestPerRun(t *testing.T) {
	for _, want := range []float64{0, 0.25, 0.5, 1, 3} {
		var due float64
		got := alloctest.PerRun(func() {
			for due += want; due >= 1; due-- {
				sink = new([64]byte)
			}
		})
		if math.Abs(got-want) > 0.01 {
			t.Errorf("%v allocations in each run; want %v", got, want)
		}
	}
}

// recorder is a test that goes on when it fails.
type recorder struct {
	testing.TB
	fatal []string
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fatal = append(r.fatal, fmt.Sprintf(format, args...))
}
