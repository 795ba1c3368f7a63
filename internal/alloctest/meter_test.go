package alloctest_test

import (
	"testing"

	"github.com/advoware-go/advoware/internal/alloctest"
)

func TestMeterCountsItsPartsOnly(t *testing.T) {
	allocate := func(n int) {
		for range n {
			sink = new([64]byte)
		}
	}
	for _, want := range []uint64{0, 1, 5} {
		var m alloctest.Meter
		got := m.Least(func() {
			m.Reset()
			allocate(2)
			m.Start()
			allocate(int(want / 2))
			m.Stop()
			allocate(3)
			m.Start()
			allocate(int(want - want/2))
			m.Stop()
		})
		if got != want {
			t.Errorf("%d allocations; want %d", got, want)
		}
	}
}
