package main

import (
	"cmp"
	"slices"
	"time"

	"github.com/advoware-go/advoware/e2e/chaos"
)

const (
	// staleness is how late a process may notice what others did.
	staleness = 5 * time.Second

	// recovery is how long after an outage a process may still do without Redis: the window
	// of its breaker.
	recovery = 5 * time.Second

	// sameIssue is by how much the instants of issue of two tokens may seem to differ
	// although nobody can tell which is older: tokens in Redis have no exact one.
	sameIssue = 100 * time.Millisecond
)

// origin is where a token is from.
type origin struct {
	identity string
	asked    time.Time // when its request began; zero if another program wrote it
	issued   time.Time
}

// step is what one operation does to the register. It is the input of the model.
type step struct {
	operation
	origins map[string]origin // of all tokens
	from    origin            // of Token
	since   time.Time         // a read: it may have been in the register then, or later
	calm    bool              // no outage is near
}

// prepare makes the steps of one key, in the order of their begin: it knows what only a look
// at the whole history tells.
func prepare(key string, all []operation) []step {
	outages := outagesOf(all)
	used := firstUse(key, all)
	from := originsOf(all)
	var steps []step
	for _, o := range all {
		s := step{operation: o, origins: from, from: from[o.Token]}
		switch {
		case o.Key != key:
			continue
		case o.isRead():
			s.since, s.calm = outages.reach(o.Process, o.begin)
		case o.mayWrite():
			// What Redis loses before anybody has noticed it is lost.
			_, calm := outages.reach(o.Process, o.end.Add(staleness))
			sure := o.Kind == chaos.SetOp && !o.open && o.Error == "" && !o.Unclear && calm
			first, isUsed := used[o.Token]
			if !isUsed && !sure {
				continue
			}
			if o.Kind == chaos.FetchOp || isUsed && first.After(s.begin) && first.Before(s.end) {
				s.end = first // it was there when the first one had it, or earlier
			}
			if s.end.Before(s.begin) {
				s.end = s.begin // somebody had it before it was asked for: no order fits
			}
		case o.Kind == chaos.DeleteOp && (o.open || o.Error == ""), o.Kind == chaos.RejectOp && !o.open && (o.Error == "" || o.Unclear):
			_, s.calm = outages.reach(o.Process, o.end)
		default:
			continue
		}
		steps = append(steps, s)
	}
	slices.SortStableFunc(steps, func(a, b step) int { return a.begin.Compare(b.begin) })
	return steps
}

// originsOf returns where each token is from. Of two SETs of a token the first one counts.
func originsOf(all []operation) map[string]origin {
	type fetch struct {
		process string
		id      int
	}
	issued := make(map[fetch]time.Time)
	for _, o := range all {
		if o.Kind == chaos.IssueOp {
			issued[fetch{o.For, o.Fetch}] = o.end
		}
	}
	from := make(map[string]origin)
	for _, o := range all {
		if !o.mayWrite() {
			continue
		}
		it := origin{identity: o.Identity, issued: o.begin}
		if o.Kind == chaos.FetchOp {
			it.asked = o.begin
			it.issued = cmp.Or(issued[fetch{o.Process, o.ID}], o.end)
		}
		if known, is := from[o.Token]; !is || it.issued.Before(known.issued) {
			from[o.Token] = it
		}
	}
	return from
}

// firstUse returns when each token was first handed out, at the latest.
func firstUse(key string, all []operation) map[string]time.Time {
	first := make(map[string]time.Time)
	for _, o := range all {
		if at, known := first[o.Token]; o.Key == key && o.isRead() && (!known || o.end.Before(at)) {
			first[o.Token] = o.end
		}
	}
	return first
}

// outages are when Redis could not be relied on, by process; "" are those of all.
type outages map[string][]operation

func outagesOf(all []operation) outages {
	by := make(outages)
	for _, o := range all {
		if o.Kind == chaos.OutageOp {
			by[o.For] = append(by[o.For], o)
		}
	}
	return by
}

// reach returns since when a token may be out of the register that a process reads at some
// instant, and whether no outage has to do with that.
func (by outages) reach(process string, at time.Time) (since time.Time, calm bool) {
	since, calm = at.Add(-staleness), true
	for again := true; again; {
		again = false
		for _, o := range slices.Concat(by[""], by[process]) {
			over := o.end
			if !o.open {
				over = over.Add(recovery)
			}
			if o.begin.Before(at) && over.After(since) {
				calm = false
				if begin := o.begin.Add(-staleness); begin.Before(since) {
					since, again = begin, true
				}
			}
		}
	}
	return since, calm
}
