package compare

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// WriteTable writes a line for each Row, for a terminal.
func (c *Comparison) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "scenario\tstore\t\ta\tb\tb / a\tbetween\t\tconfidence\t")
	last := ""
	for _, r := range c.Rows {
		scenario, store := r.Scenario, r.Store
		if name := scenario + " " + store; name == last {
			scenario, store = "", "" // said above
		} else {
			last = name
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%.3g\t%.3g – %.3g\t%s\t%.0f %%\t\n",
			scenario, store, r.Figure, short(r.A), short(r.B), r.Ratio, r.Low, r.High, r.Verdict, 100*r.Confidence)
	}
	err := t.Flush()
	for _, left := range c.Left {
		fmt.Fprintln(w, left)
	}
	_, last2 := fmt.Fprintf(w, "\n%d and %d rounds. A version is slower, or faster, if the whole interval says so with %.0f %%\nconfidence, for which each needs four rounds at least.\n",
		c.Rounds[0], c.Rounds[1], 100*Wanted)
	return errors.Join(err, last2)
}

// short writes a duration with about three digits.
func short(d time.Duration) string {
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		if d >= unit {
			return d.Round(unit / 100).String()
		}
	}
	return d.String()
}
