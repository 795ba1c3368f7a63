package record

import "time"

// SlotTime is how long a slot is, and Slots how many of them are kept: a day, and the one that
// is not over.
const (
	SlotTime = 5 * time.Minute
	Slots    = int(Day/SlotTime) + 1
)

// Slot is what happened in five minutes.
type Slot struct {
	Begin                 time.Time
	Calls, Lookups, Waits uint32
	P50, P99              time.Duration // of the calls that were timed; 0 if there were none
}

// slots are those in which something happened, the oldest first.
type slots struct {
	all  []packed
	last *Histogram // how long calls took in the last one; nil before the first call
}

// packed is a Slot in 24 bytes.
type packed struct {
	number                uint32 // of the slot since 1970
	calls, lookups, waits uint32
	p50, p99              float32 // seconds
}

// add adds what happened since somebody looked before: it belongs to the slot of now.
func (s *slots) add(now time.Time, calls, lookups, waits uint32, took *latency) {
	ended := took.drain()
	if calls == 0 && lookups == 0 && ended == nil {
		return
	}
	number := uint32(now.Unix() / int64(SlotTime/time.Second))
	if n := len(s.all); n == 0 || number > s.all[n-1].number { // else, too, if the clock was set back
		old := 0
		for old < n && int(number-s.all[old].number) >= Slots {
			old++
		}
		s.all = append(s.all[:copy(s.all, s.all[old:])], packed{number: number})
		if s.last != nil {
			*s.last = Histogram{}
		}
	}
	p := &s.all[len(s.all)-1]
	p.calls += calls
	p.lookups += lookups
	p.waits += waits
	if ended == nil {
		return
	}
	if s.last == nil {
		s.last = new(Histogram)
	}
	s.last.merge(ended)
	p.p50, p.p99 = float32(s.last.Quantile(.5).Seconds()), float32(s.last.Quantile(.99).Seconds())
}

// since returns those that end after begin.
func (s *slots) since(begin time.Time) (all []Slot) {
	for _, p := range s.all {
		if int64(p.number+1)*int64(SlotTime/time.Second) <= begin.Unix() {
			continue
		}
		all = append(all, Slot{
			Begin: time.Unix(int64(p.number)*int64(SlotTime/time.Second), 0), Calls: p.calls, Lookups: p.lookups, Waits: p.waits,
			P50: time.Duration(float64(p.p50) * 1e9), P99: time.Duration(float64(p.p99) * 1e9),
		})
	}
	return all
}
