package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// WriteTable writes a summary for a terminal: of each run what was measured, and below
// it what a loop would have measured.
func (s *Study) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...string) { fmt.Fprintln(t, strings.Join(cells, "\t")+"\t") }
	row("scenario", "store", "calls", "p50", "p90", "p99", "p99.9", "p99.99", "max", "held up", "failed", "token requests", "hit rate", "lag p99", "lag max")
	last := ""
	for _, r := range s.Runs {
		name := r.Scenario
		if name == last {
			name = "" // said above
		}
		last = r.Scenario
		row(slices.Concat([]string{name, r.Store + mark(r), grouped(r.Done)}, figures(r.Latency),
			[]string{r.heldUpShare(), grouped(r.Failed), grouped(r.TokenRequests), hitRate(r), r.Lag.text(r.Lag.P99), r.Lag.text(r.Lag.Max)})...)
		row(slices.Concat([]string{"", "uncorrected", ""}, figures(r.Uncorrected), []string{r.heldUpUncorrectedShare(), "", "", "", "", ""})...)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, r := range s.Runs {
		if r.Unfinished > 0 {
			fmt.Fprintf(w, "%s with %s: %s unfinished\n", r.Scenario, r.Store, plural(r.Unfinished, "call", "calls"))
		}
	}
	for _, skip := range s.Skipped {
		fmt.Fprintf(w, "%s with %s was skipped: %s\n", skip.Scenario, skip.Store, skip.Why)
	}
	if s.Partial {
		fmt.Fprintln(w, "* broken off: these are the calls that had ended by then")
	}
	_, err := fmt.Fprintf(w, "\nLatency is from the instant a call was due to its end, of calls that succeeded; uncorrected, from its beginning.\n"+
		"Held up: longer than %s, and twice what the API takes; a share of the calls that were due. Hit rate: of the lookups made.\n%s, %s\n",
		round(noticeable), s.Machine.Line(), s.Machine.Version())
	return err
}

func figures(s Spread) []string {
	return []string{s.text(s.P50), s.text(s.P90), s.text(s.P99), s.text(s.P999), s.text(s.P9999), s.text(s.Max)}
}

func hitRate(r Run) string {
	if r.Hits+r.Waits == 0 {
		return none
	}
	return percent(r.HitRate)
}

func mark(r Run) string {
	if r.Partial {
		return "*"
	}
	return ""
}
