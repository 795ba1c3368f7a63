package report

import "time"

// noticeable is how long a call may take before it counts as held up, if the API takes
// no time.
const noticeable = 5 * time.Millisecond

// count counts the calls that were held up. It is made from the rest of r.
func (r *Run) count() {
	r.HeldUpAfter = noticeable + 2*r.APILatency
	r.HeldUp, r.HeldUpUncorrected = r.Latency.above(r.HeldUpAfter), r.Uncorrected.above(r.HeldUpAfter)
	r.OnTime = 0
	if r.due() > 0 {
		r.OnTime = float64(r.Latency.Count-r.HeldUp) / float64(r.due())
	}
}

// due is how many calls were due.
func (r Run) due() int { return r.Done + r.Unfinished }

// share is a part of the calls that were due.
func (r Run) share(calls int64) string {
	if r.due() == 0 {
		return none
	}
	return percent(float64(calls) / float64(r.due()))
}

func (r Run) onTimeShare() string            { return r.share(r.Latency.Count - r.HeldUp) }
func (r Run) heldUpShare() string            { return r.held(r.HeldUp) }
func (r Run) heldUpUncorrectedShare() string { return r.held(r.HeldUpUncorrected) }

// held is the share of calls that were held up, of which nobody knows if none has ended
// well.
func (r Run) held(calls int64) string {
	if r.Latency.Count == 0 {
		return none
	}
	return r.share(calls)
}

// missedShare is the share of those that were not on time.
func (r Run) missedShare() string { return r.share(int64(r.due()) - r.Latency.Count + r.HeldUp) }

// missedHow says in a word or two what became of those.
func (r Run) missedHow() string {
	switch {
	case r.due() == 0:
		return "no call was due"
	case r.Failed == 0 && r.Unfinished == 0:
		return "held up"
	case r.HeldUp == 0 && r.Unfinished == 0:
		return "failed"
	case r.HeldUp == 0 && r.Failed == 0:
		return "unfinished"
	}
	return "not on time"
}

// alarming is a lag that makes a call held up by itself. Below it the tails of calls that
// take no time are longer than they should be, which the report says.
const alarming = slack + noticeable
