package report

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

// observations says in sentences what one sees in the runs of one scenario. They are
// made from the figures alone.
func observations(runs []placed) []string {
	var all []string
	add := func(s string) {
		if s != "" {
			all = append(all, unit.ReplaceAllString(s, "$1\u00a0$2"))
		}
	}
	add(compared(runs))
	add(failures(runs))
	add(requests(runs))
	add(discoveries(runs))
	add(unfinished(runs))
	add(waited(runs))
	add(omitted(runs))
	add(late(runs))
	return all
}

// unit is where no line should break.
var unit = regexp.MustCompile(`(\d) (ns|µs|ms|s|%)`)

// compared says how far apart the medians are. Where most calls were held up, the median
// tells how long the scenario was played and nothing of a store.
func compared(all []placed) string {
	var runs []placed
	for _, r := range all {
		if r.HeldUp > 0 && 2*r.HeldUp >= r.Latency.Count && r.Scenario != "steady" {
			return ""
		}
		if r.Latency.Count > 0 {
			runs = append(runs, r)
		}
	}
	if len(runs) < 2 {
		return ""
	}
	fast, slow := runs[0], runs[0]
	for _, r := range runs[1:] {
		if r.Latency.P50 < fast.Latency.P50 {
			fast = r
		}
		if r.Latency.P50 > slow.Latency.P50 {
			slow = r
		}
	}
	what, ratio := "a lookup of a token", float64(slow.Latency.P50)/float64(max(1, fast.Latency.P50))
	if fast.Load == subject.Call {
		what = "a whole call"
	}
	if ratio < 1.25 {
		return fmt.Sprintf("At the median %s takes about the same with all stores: %s to %s.", what, short(fast.Latency.P50), short(slow.Latency.P50))
	}
	times := fmt.Sprintf("%.1f", ratio)
	if ratio >= 10 { // two digits are all that means something
		step := math.Pow(10, math.Floor(math.Log10(ratio))-1)
		times = "about " + grouped(int(math.Round(ratio/step)*step))
	}
	return fmt.Sprintf("At the median %s takes %s with %s and %s with %s, %s times as long.", what, short(fast.Latency.P50), fast.Store, short(slow.Latency.P50), slow.Store, times)
}

// failures says which calls failed, and of what.
func failures(runs []placed) string {
	var failed []string
	for _, r := range runs {
		if r.Failed == 0 {
			continue
		}
		s := fmt.Sprintf("%s of %s (%s) with %s", grouped(r.Failed), plural(r.Done, "call", "calls"), percent(float64(r.Failed)/float64(r.Done)), r.Store)
		if len(r.Problems) > 0 {
			s += fmt.Sprintf(", most of them with “%s”", r.Problems[0].Text)
		}
		failed = append(failed, s)
	}
	if len(failed) == 0 {
		return "No call failed."
	}
	return "Calls failed: " + strings.Join(failed, "; ") + "."
}

// requests says how many token requests there were.
func requests(runs []placed) string {
	var parts []string
	same := true
	for _, r := range runs {
		part := fmt.Sprintf("%d with %s", r.TokenRequests, r.Store)
		if r.Processes > 1 {
			part = fmt.Sprintf("%d for %d processes with %s", r.TokenRequests, r.Processes, r.Store)
		}
		parts = append(parts, part)
		same = same && r.TokenRequests == runs[0].TokenRequests
	}
	if same && runs[0].TokenRequests == 0 {
		return "No token was requested."
	}
	return "Token requests: " + strings.Join(parts, ", ") + "."
}

// discoveries says how often it was asked where the office is.
func discoveries(runs []placed) string {
	var parts []string
	for _, r := range runs {
		if r.Discovered > 0 {
			parts = append(parts, fmt.Sprintf("%d with %s", r.Discovered, r.Store))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "Discovery requests: " + strings.Join(parts, ", ") + "."
}

// unfinished says how many calls nobody knows the latency of.
func unfinished(runs []placed) string {
	var parts []string
	for _, r := range runs {
		if r.Unfinished > 0 {
			parts = append(parts, grouped(r.Unfinished)+" with "+r.Store)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "Calls that had not ended when the study was broken off: " + strings.Join(parts, ", ") + "."
}

// waited says how many calls were held up, and how late the latest was.
func waited(runs []placed) string {
	var parts []string
	for _, r := range runs {
		if r.HeldUp > 0 {
			parts = append(parts, fmt.Sprintf("%s with %s (%s; the slowest %s)", plural(r.HeldUp, "call", "calls"), r.Store, r.heldUpShare(), short(r.Latency.Max)))
		}
	}
	limit := round(runs[0].HeldUpAfter)
	if len(parts) == 0 {
		if !slices.ContainsFunc(runs, func(r placed) bool { return r.Latency.Count > 0 }) {
			return ""
		}
		return "No call was held up for more than " + limit + "."
	}
	return "Held up for more than " + limit + ": " + strings.Join(parts, ", ") + "."
}

// omitted says what a loop would have hidden, where that is most.
func omitted(runs []placed) string {
	var (
		worst float64
		said  string
	)
	for _, r := range runs {
		for _, p := range []struct {
			name       string
			from, loop time.Duration
		}{
			{"90 %", r.Latency.P90, r.Uncorrected.P90}, {"99 %", r.Latency.P99, r.Uncorrected.P99}, {"99.9 %", r.Latency.P999, r.Uncorrected.P999},
		} {
			ratio := float64(p.from) / float64(max(1, p.loop))
			if ratio > worst && p.from > time.Millisecond {
				worst = ratio
				said = fmt.Sprintf("Counted from when they were due, %s of the calls with %s took at most %s. "+
					"A loop that waits for each answer before it makes the next call would have said %s (dashed).",
					p.name, r.Store, short(p.from), short(p.loop))
			}
		}
	}
	if worst < 2 {
		return ""
	}
	return said
}

// late warns of a load that could not keep its schedule.
func late(runs []placed) string {
	var parts []string
	for _, r := range runs {
		if n := r.Lag.above(slack); n > 0 {
			parts = append(parts, fmt.Sprintf("%s with %s (at most %s)", plural(n, "call", "calls"), r.Store, short(r.Lag.Max)))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("The load itself fell behind: %s began more than %s late though a caller was free. "+
		"The process or the machine stood still or was busy; all but %s of that counts as latency.", strings.Join(parts, ", "), round(slack), round(slack))
}

// Warnings says in a line each in which runs the load itself fell so far behind that
// calls count as held up by that alone.
func (s *Study) Warnings() []string {
	var all []string
	for _, r := range s.Runs {
		if n := r.Lag.above(alarming); n > 0 {
			all = append(all, fmt.Sprintf("%s with %s: the load fell behind: %s of %s calls began more than %s late, at most %s; all but %s of that counts as latency",
				r.Scenario, r.Store, grouped(n), grouped(r.Done), round(alarming), short(r.Lag.Max), round(slack)))
		}
	}
	return all
}
