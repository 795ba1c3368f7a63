package report

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// WriteTable writes a summary for a terminal of 100 columns, in two tables: of each run
// the latency, and below it what a loop would have measured; and what happened otherwise.
func (s *Study) WriteTable(w io.Writer) error {
	err := table(w, []string{"calls", "p50", "p90", "p99", "p99.9", "p99.99", "max", "held up"}, s.Runs, func(r Run) [][]string {
		return [][]string{
			slices.Concat([]string{r.Store + mark(r), grouped(r.Done)}, figures(r.Latency), []string{r.heldUpShare()}),
			slices.Concat([]string{"uncorrected", ""}, figures(r.Uncorrected), []string{r.heldUpUncorrectedShare()}),
		}
	})
	fmt.Fprintln(w)
	err = errors.Join(err, table(w, []string{"on time", "failed", "token requests", "401s", "hit rate", "lag p99", "lag max"}, s.Runs, func(r Run) [][]string {
		return [][]string{{
			r.Store + mark(r), r.onTimeShare(), grouped(r.Failed), grouped(r.TokenRequests), grouped(r.Unauthorized),
			hitRate(r), r.Lag.text(r.Lag.P99), r.Lag.text(r.Lag.Max),
		}}
	}))
	for _, r := range s.Runs {
		if r.Unfinished > 0 {
			fmt.Fprintf(w, "%s with %s: %s unfinished\n", r.Scenario, r.Store, plural(r.Unfinished, "call", "calls"))
		}
	}
	for _, skip := range s.Skipped {
		fmt.Fprintf(w, "%s with %s was skipped: %s\n", skip.Scenario, skip.Store, skip.Why)
	}
	switch {
	case s.Error != "":
		fmt.Fprintf(w, "* broken off by an error: %s\n", s.Error)
	case s.Partial:
		fmt.Fprintln(w, "* broken off: these are the calls that had ended by then")
	}
	_, last := fmt.Fprintf(w, "\nLatency is from the instant a call was due to its end, of calls that succeeded;\n"+
		"uncorrected, from its beginning. Held up: longer than %s, and twice what the API takes.\n"+
		"Held up and on time are shares of the calls that were due, the hit rate of the lookups made.\n%s, %s\n",
		round(noticeable), s.Machine.Line(), s.Machine.Version())
	return errors.Join(err, last)
}

// table writes lines for each run, which begin with the store, below a line with names.
func table(w io.Writer, names []string, runs []Run, of func(Run) [][]string) error {
	const gap = 2
	var text strings.Builder
	t := tabwriter.NewWriter(&text, 0, 0, gap, ' ', tabwriter.AlignRight)
	row := func(cells ...string) { fmt.Fprintln(t, strings.Join(cells, "\t")+"\t") }
	row(slices.Concat([]string{"scenario", "store"}, names)...)
	last := ""
	for _, r := range runs {
		name := r.Scenario
		if name == last {
			name = "" // said above
		}
		last = r.Scenario
		for _, cells := range of(r) {
			row(slices.Concat([]string{name}, cells)...)
			name = ""
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		if _, err := io.WriteString(w, line[gap:]); err != nil { // there is nothing before the first column
			return err
		}
	}
	return nil
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
