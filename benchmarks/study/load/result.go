package load

import "time"

// Result is what a run measured.
type Result struct {
	Planned int `json:"planned"` // calls that the whole schedule has
	Done    int `json:"done"`    // of those, ended
	Failed  int `json:"failed"`  // of those, with an error

	// Unfinished calls were due before the run was broken off, and have not ended. How
	// long they would have taken nobody knows.
	Unfinished int `json:"unfinished"`

	// Latency is from the instant a call was due to its end, less the Lag, of which at
	// most Slack; Uncorrected is from when it began, which is what a loop would have
	// measured. Both are of calls that succeeded; Failures is the latency of the others.
	Latency     *Histogram `json:"latency"`
	Uncorrected *Histogram `json:"uncorrected"`
	Failures    *Histogram `json:"failures"`

	// Lag is how late calls began because a timer of the load rang late: all of it, with
	// what was counted as lateness.
	Lag *Histogram `json:"lag"`

	Slots    []Slot        `json:"slots"`
	Slot     time.Duration `json:"slot_ns"` // how long each of Slots is
	Problems []Problem     `json:"problems,omitempty"`
	Took     time.Duration `json:"took_ns"` // from the start to the end of the last call
}

// Slot is a part of the schedule, and the calls that were due in it.
type Slot struct {
	Failed  int        `json:"failed"`
	Latency *Histogram `json:"latency"` // of those that succeeded, to 1 %

	// Lookups are those that ended during the slot, whenever their calls were due. They
	// are 0 if Config.Lookups was not set.
	Lookups Lookups `json:"lookups"`
}

// maxSlots is roughly how many parts a schedule is cut into.
const maxSlots = 150

// slotOf returns how long a slot is: a round part of the duration.
func slotOf(duration time.Duration) time.Duration {
	for unit := time.Millisecond; ; unit *= 10 {
		for _, n := range []time.Duration{1, 2, 5} {
			if duration <= maxSlots*n*unit {
				return n * unit
			}
		}
	}
}

// fill puts the calls of a run that has taken so long into an empty Result.
func (r *run) fill(out *Result, took time.Duration) {
	out.Took, out.Problems = max(0, took), r.problems.list()
	for i := range r.calls {
		c, due := &r.calls[i], r.due(i)
		slot := &out.Slots[min(int(due/out.Slot), len(out.Slots)-1)]
		switch c.state {
		case notMade:
			if due <= took {
				out.Unfinished++
			}
			continue
		case failed:
			out.Failed++
			slot.Failed++
			out.Failures.Record(c.latency)
		case succeeded:
			slot.Latency.Record(c.latency)
			out.Latency.Record(c.latency)
			out.Uncorrected.Record(c.took)
		}
		out.Done++
		out.Lag.Record(c.lag)
	}
}

func empty(planned int, duration time.Duration) *Result {
	r := &Result{
		Planned: planned, Slot: slotOf(duration),
		Latency: NewHistogram(), Uncorrected: NewHistogram(), Failures: NewHistogram(), Lag: NewHistogram(),
	}
	r.Slots = make([]Slot, (duration+r.Slot-1)/r.Slot)
	for i := range r.Slots {
		r.Slots[i].Latency = histogram(slotDigits)
	}
	return r
}

// Merge returns what several runs of one duration, at the same time, measured
// together; nil if there are none.
func Merge(results ...*Result) *Result {
	var sum *Result
	for _, r := range results {
		if sum == nil {
			sum = empty(0, time.Duration(len(r.Slots))*r.Slot)
		}
		sum.Planned += r.Planned
		sum.Done += r.Done
		sum.Failed += r.Failed
		sum.Unfinished += r.Unfinished
		sum.Took = max(sum.Took, r.Took)
		sum.Latency.Merge(r.Latency)
		sum.Uncorrected.Merge(r.Uncorrected)
		sum.Failures.Merge(r.Failures)
		sum.Lag.Merge(r.Lag)
		for i := range min(len(sum.Slots), len(r.Slots)) {
			sum.Slots[i].Failed += r.Slots[i].Failed
			sum.Slots[i].Latency.Merge(r.Slots[i].Latency)
			sum.Slots[i].Lookups = sum.Slots[i].Lookups.plus(r.Slots[i].Lookups)
		}
		sum.Problems = mergeProblems(sum.Problems, r.Problems)
	}
	return sum
}
