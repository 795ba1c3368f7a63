package record

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// A bucket is an eighth of an octave of 16 µs: what is read from it is 6 % off at most. The
// last one is for two minutes and more.
const (
	unit    = 16 * time.Microsecond
	buckets = 168
)

func bucket(took time.Duration) int {
	v := uint64(max(took, 0) / unit)
	if v < 8 {
		return int(v)
	}
	octave := bits.Len64(v) - 4
	return min(octave*8+int(v>>octave), buckets-1)
}

// middle returns the middle of a bucket.
func middle(i int) time.Duration {
	if i < 8 {
		return unit*time.Duration(i) + unit/2
	}
	octave := i/8 - 1
	return unit << octave * time.Duration(2*(i%8+8)+1) / 2
}

// latency is how long something took: since the begin, and since the last drain. To add is a few
// atomic operations. It takes room from the first one on.
type latency struct{ counts atomic.Pointer[counts] }

type counts struct {
	now   [buckets]atomic.Uint32
	total [buckets]atomic.Uint64 // without now
	max   atomic.Int64
	sum   atomic.Int64
}

func (l *latency) add(took time.Duration) {
	c := l.counts.Load()
	if c == nil {
		l.counts.CompareAndSwap(nil, new(counts))
		c = l.counts.Load()
	}
	c.now[bucket(took)].Add(1)
	c.sum.Add(int64(took))
	for {
		m := c.max.Load()
		if int64(took) <= m || c.max.CompareAndSwap(m, int64(took)) {
			return
		}
	}
}

// drain returns what was added since the last drain, nil if nothing was.
func (l *latency) drain() *Histogram {
	c := l.counts.Load()
	if c == nil {
		return nil
	}
	var h *Histogram
	for i := range c.now {
		if c.now[i].Load() == 0 {
			continue
		}
		if h == nil {
			h = new(Histogram)
		}
		n := uint64(c.now[i].Swap(0))
		c.total[i].Add(n)
		h.add(i, n)
	}
	return h
}

// all returns everything.
func (l *latency) all() *Histogram {
	h := new(Histogram)
	if c := l.counts.Load(); c != nil {
		for i := range c.total {
			h.add(i, c.total[i].Load()+uint64(c.now[i].Load()))
		}
		h.Max, h.Sum = time.Duration(c.max.Load()), time.Duration(c.sum.Load())
	}
	return h
}

// Histogram is how long something took, and how often.
type Histogram struct {
	Count   uint64
	Max     time.Duration // the longest; 0 for a slot
	Sum     time.Duration // of all; 0 for a slot
	buckets [buckets]uint64
}

func (h *Histogram) add(i int, n uint64) {
	h.Count += n
	h.buckets[i] += n
}

func (h *Histogram) merge(other *Histogram) {
	for i, n := range other.buckets {
		h.add(i, n)
	}
}

// Quantile returns what a part of all did not exceed, by 6 % at most; 0 if there is none.
func (h *Histogram) Quantile(part float64) time.Duration {
	if h.Count == 0 {
		return 0
	}
	left := int64(part * float64(h.Count))
	for i, n := range h.buckets {
		if left -= int64(n); left < 0 || left == 0 && part >= 1 {
			took := middle(i)
			if h.Max > 0 {
				took = min(took, h.Max)
			}
			return took
		}
	}
	return h.Max
}

// Counts returns how many took no longer than each bound, in seconds, but longer than the one
// before, and how many took longer than all of them.
func (h *Histogram) Counts(bounds []float64) []uint64 {
	counts := make([]uint64, len(bounds)+1)
	for i, n := range h.buckets {
		at := 0
		for at < len(bounds) && middle(i).Seconds() > bounds[at] {
			at++
		}
		counts[at] += n
	}
	return counts
}
