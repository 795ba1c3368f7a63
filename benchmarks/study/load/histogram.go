package load

import (
	"fmt"
	"io"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// What a Histogram can tell apart: from a nanosecond to a week, longer ones counted as
// that; a load that cannot keep up has calls that are late by as long as it lasts. A slot of a time line has two digits, which is enough for a pixel.
const (
	shortest   = 1
	longest    = int64(7 * 24 * time.Hour)
	digits     = 3
	slotDigits = 2
)

// Histogram counts durations with a relative error of at most 0.1 %. As JSON it is
// text in the interchange format of HdrHistogram (V2, compressed, base64; values in
// nanoseconds), which the tools of that project read. Make it with [NewHistogram];
// it is for one goroutine at a time.
type Histogram struct{ hdr *hdrhistogram.Histogram }

// NewHistogram returns an empty one.
func NewHistogram() *Histogram { return histogram(digits) }

func histogram(digits int) *Histogram {
	return &Histogram{hdrhistogram.New(shortest, longest, digits)}
}

// Record counts d.
func (h *Histogram) Record(d time.Duration) {
	_ = h.hdr.RecordValue(min(max(0, int64(d)), longest)) // in range, so it cannot fail
}

// Count is how many durations were counted.
func (h *Histogram) Count() int64 { return h.hdr.TotalCount() }

// At returns the duration that a share of all, from 0 to 1, did not exceed; 0 if
// there are none.
func (h *Histogram) At(share float64) time.Duration {
	return time.Duration(h.hdr.ValueAtQuantile(100 * share))
}

// Above is how many durations were longer than limit.
func (h *Histogram) Above(limit time.Duration) int64 {
	var n int64
	for _, bar := range h.hdr.Distribution() {
		if bar.From > int64(limit) {
			n += bar.Count
		}
	}
	return n
}

// Max returns the longest; 0 if there are none.
func (h *Histogram) Max() time.Duration {
	if h.Count() == 0 {
		return 0
	}
	return time.Duration(h.hdr.Max())
}

// Mean returns the arithmetic mean; 0 if there are none.
func (h *Histogram) Mean() time.Duration {
	if h.Count() == 0 {
		return 0
	}
	return time.Duration(h.hdr.Mean())
}

// Merge adds what others have counted.
func (h *Histogram) Merge(others ...*Histogram) {
	for _, o := range others {
		h.hdr.Merge(o.hdr)
	}
}

// WriteHgrm writes the percentiles as text, in microseconds, as HdrHistogram's
// outputPercentileDistribution does: what its plotters read, usually from a file that is
// called .hgrm.
func (h *Histogram) WriteHgrm(w io.Writer) error {
	const ticksPerHalf = 5 // as the original's default
	_, err := h.hdr.PercentilesPrint(w, ticksPerHalf, float64(time.Microsecond))
	return err
}

// MarshalText implements encoding.TextMarshaler.
func (h *Histogram) MarshalText() ([]byte, error) {
	return h.hdr.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *Histogram) UnmarshalText(text []byte) error {
	decoded, err := hdrhistogram.Decode(text)
	if err != nil {
		return fmt.Errorf("load: histogram: %w", err)
	}
	h.hdr = decoded
	return nil
}
