package record

import (
	"slices"
	"time"
)

// Snapshot is what a Record has at one instant, of the last day, the oldest first.
type Snapshot struct {
	Now   time.Time
	Since time.Time // of the first entry; zero if there is none

	Tokens, Failures, Redis, Rejections []Span

	// Cut is how far back these reach, if one of them was too many to be kept whole; zero if
	// all are whole.
	Cut time.Time

	Slots          []Slot
	Calls, Fetches *Histogram // since the begin
}

// At returns what there is at an instant. A span that is not over ends there.
func (r *Record) At(now time.Time) Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Snapshot{Now: now, Since: r.since, Slots: r.slots.since(now.Add(-Day)), Calls: r.calls.all(), Fetches: r.fetches.all()}
	for k, to := range []*[]Span{tokens: &s.Tokens, failures: &s.Failures, redis: &s.Redis, rejections: &s.Rejections} {
		all := slices.Clone(r.spans[k])
		if len(all) == Most && all[0].From.After(s.Cut) && now.Sub(all[0].From) < Day {
			s.Cut = all[0].From
		}
		for i := range all {
			if kind(k) == tokens {
				all[i].Over = all[i].Over || i < len(all)-1 || !all[i].To.After(now)
			}
			if !all[i].Over {
				all[i].To = now
			}
		}
		*to = slices.DeleteFunc(all, func(s Span) bool { return now.Sub(s.To) > Day })
	}
	return s
}
