// Package compare says in which scenarios, and at which percentiles, one version is slower
// than another: by what factor, and between which factors that is for sure. "No difference"
// is one of the answers.
//
// Both versions are given by studies of the same scenarios, each played several times. Nothing
// here changes what it is given. See ARCHITECTURE.md for what is measured.
package compare

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/report"
)

// Verdict is what a Row says.
type Verdict string

// The verdicts. Slower and faster are said of the second version.
const (
	Slower  Verdict = "slower"
	Faster  Verdict = "faster"
	Same    Verdict = "no difference"
	Unknown Verdict = "too few rounds"
)

// resolution is how exact the figures of a histogram are.
const resolution = 0.002

// Row is a figure of a scenario with a store.
type Row struct {
	Scenario, Store, Figure string
	A, B                    time.Duration // the medians of the rounds
	Interval
	Verdict Verdict
}

// Beyond reports whether b is for sure more than so many times as slow as a.
func (r Row) Beyond(bound float64) bool { return r.Verdict == Slower && r.Low > bound }

// Comparison is what two versions differ in.
type Comparison struct {
	Rounds [2]int // of the first version, and of the second
	Rows   []Row
	Left   []string // what only one of the two has, or what no call is behind
}

// figures are what is compared of each run.
var figures = []struct {
	name string
	of   func(report.Spread) time.Duration
}{
	{"p50", func(s report.Spread) time.Duration { return s.P50 }},
	{"p90", func(s report.Spread) time.Duration { return s.P90 }},
	{"p99", func(s report.Spread) time.Duration { return s.P99 }},
	{"p99.9", func(s report.Spread) time.Duration { return s.P999 }},
	{"max", func(s report.Spread) time.Duration { return s.Max }},
}

// what names a run within a study.
type what struct{ scenario, store string }

// Studies compares the rounds of one version with those of another. All that were not played
// alike, or broken off, are in one error.
func Studies(a, b []*report.Study) (*Comparison, error) {
	if len(a) == 0 || len(b) == 0 {
		return nil, errors.New("compare: each version needs a study at least")
	}
	runs, order, err := byRun(a, b)
	if err != nil {
		return nil, err
	}
	c := &Comparison{Rounds: [2]int{len(a), len(b)}}
	for _, w := range order {
		both := runs[w]
		if len(both[0]) == 0 || len(both[1]) == 0 {
			c.Left = append(c.Left, fmt.Sprintf("%s with %s is in one of the two versions only", w.scenario, w.store))
			continue
		}
		for _, f := range figures {
			row := Row{Scenario: w.scenario, Store: w.store, Figure: f.name}
			x, y := values(both[0], f.of), values(both[1], f.of)
			if len(x) == 0 || len(y) == 0 {
				c.Left = append(c.Left, fmt.Sprintf("%s with %s: no call is behind its %s", w.scenario, w.store, f.name))
				continue
			}
			row.A, row.B, row.Interval = median(x), median(y), Ratio(x, y)
			row.Verdict = verdict(row.Interval)
			c.Rows = append(c.Rows, row)
		}
	}
	return c, nil
}

func verdict(i Interval) Verdict {
	switch {
	case i.Confidence < Wanted:
		return Unknown
	case i.Low > 1+resolution:
		return Slower
	case i.High < 1-resolution:
		return Faster
	}
	return Same
}

// byRun returns the runs of both versions by what they are of, in the order in which they
// were played.
func byRun(a, b []*report.Study) (runs map[what]*[2][]report.Run, order []what, err error) {
	runs = make(map[what]*[2][]report.Run)
	var problems []error
	for version, studies := range [][]*report.Study{a, b} {
		for _, s := range studies {
			for _, r := range s.Runs {
				w := what{r.Scenario, r.Store}
				if r.Partial {
					problems = append(problems, fmt.Errorf("compare: %s with %s was broken off in the study of %s", w.scenario, w.store, s.Started.Format(time.DateTime)))
					continue
				}
				if runs[w] == nil {
					runs[w], order = new([2][]report.Run), append(order, w)
				}
				first := slices.Concat(runs[w][0], runs[w][1])
				if len(first) > 0 && played(first[0]) != played(r) {
					problems = append(problems, fmt.Errorf("compare: %s with %s was not played alike: %s, and %s", w.scenario, w.store, played(first[0]), played(r)))
				}
				runs[w][version] = append(runs[w][version], r)
			}
		}
	}
	return runs, order, errors.Join(problems...)
}

// played says how a run was played.
func played(r report.Run) string {
	text := fmt.Sprintf("%g calls (%s) a second for %v by %d × %d callers, token requests of %v, API calls of %v, Redis %v away",
		r.Rate, r.Load, r.Duration, r.Processes, r.Workers, r.TokenLatency, r.APILatency, r.RedisLatency)
	if r.DiscoveryLatency > 0 {
		text += fmt.Sprintf(", discovery %v", r.DiscoveryLatency)
	}
	if r.Tenants > 0 {
		text += fmt.Sprintf(", %d tenants (%s)", r.Tenants, r.Spread)
	}
	return text
}

// values are those of a figure that a call is behind.
func values(runs []report.Run, of func(report.Spread) time.Duration) (all []float64) {
	for _, r := range runs {
		if r.Latency.Count > 0 {
			all = append(all, float64(max(1, of(r.Latency))))
		}
	}
	return all
}

func median(values []float64) time.Duration {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return time.Duration(math.Round((sorted[(n-1)/2] + sorted[n/2]) / 2))
}
