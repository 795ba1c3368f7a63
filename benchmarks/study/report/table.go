package report

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// WriteTable writes a summary for a terminal.
func (s *Study) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "scenario\tstore\tcalls\tp50\tp90\tp99\tp99.9\tp99.99\tmax\tuncorrected p99\tfailed\ttoken requests\thit rate\t")
	last := ""
	for _, r := range s.Runs {
		name := r.Scenario
		if name == last {
			name = "" // said above
		}
		last = r.Scenario
		l := r.Latency
		fmt.Fprintf(t, "%s\t%s%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t\n", name, r.Store, mark(r), grouped(r.Done),
			short(l.P50), short(l.P90), short(l.P99), short(l.P999), short(l.P9999), short(l.Max),
			short(r.Uncorrected.P99), grouped(r.Failed), r.TokenRequests, percent(r.HitRate))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, skip := range s.Skipped {
		fmt.Fprintf(w, "%s with %s was skipped: %s\n", skip.Scenario, skip.Store, skip.Why)
	}
	if s.Partial {
		fmt.Fprintln(w, "* broken off: these are the calls that had ended by then")
	}
	_, err := fmt.Fprintf(w, "\nLatency is from the instant a call was due to its end, of calls that succeeded.\n%s, %s\n", s.Machine.Line(), s.Machine.Version())
	return err
}

func mark(r Run) string {
	if r.Partial {
		return "*"
	}
	return ""
}
