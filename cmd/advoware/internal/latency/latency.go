// Package latency counts how long calls took, in memory that does not depend on how many
// there are.
package latency

import (
	"math"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// What is distinguished: from a microsecond to a day, with an error of at most 0.1 %.
const (
	shortest = time.Microsecond
	longest  = 24 * time.Hour
	digits   = 3
)

// Histogram has the durations of calls. Make it with [New]. It is safe for concurrent use.
type Histogram struct {
	mu  sync.Mutex
	hdr *hdrhistogram.Histogram
}

// New returns an empty one.
func New() *Histogram {
	return &Histogram{hdr: hdrhistogram.New(int64(shortest/time.Microsecond), int64(longest/time.Microsecond), digits)}
}

// Record counts a duration; one of more than a day counts as a day.
func (h *Histogram) Record(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	_ = h.hdr.RecordValue(min(max(d, shortest), longest).Microseconds()) // in range, so it cannot fail
}

// Percentiles are how long calls took, in milliseconds: half of them no longer than P50, and
// so on. All are 0 if there was none.
type Percentiles struct {
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p99.9"`
	Max  float64 `json:"max"`
}

// Percentiles returns them.
func (h *Histogram) Percentiles() Percentiles {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.hdr.TotalCount() == 0 {
		return Percentiles{}
	}
	most := h.hdr.Max()
	at := func(percent float64) float64 { return millis(min(h.hdr.ValueAtQuantile(percent), most)) }
	return Percentiles{P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: millis(most)}
}

// millis returns microseconds as milliseconds.
func millis(us int64) float64 { return math.Round(float64(us)) / 1000 }
