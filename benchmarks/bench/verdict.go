package bench

import (
	"fmt"
	"io"
)

// A goal is a bound on one figure. A figure without a bound is shown beside the others
// and not counted.
type goal struct {
	row  string // of the table of goals, and the set that measures it
	name string
	of   figure
	bound
	format string // of the figure; the default is %.3g
}

// bound is a limit and its direction.
type bound struct {
	kind  kind
	limit float64
}

type kind int

const (
	none    kind = iota
	atMost       // reached if the figure is the limit or less
	atLeast      // reached if it is the limit or more
	below        // reached if it is less
	wished       // atMost, but not counted: what is asked for beyond a goal
)

func (b bound) reached(x float64) bool {
	switch b.kind {
	case atLeast:
		return x >= b.limit
	case below:
		return x < b.limit
	}
	return x <= b.limit
}

func (b bound) String() string {
	format := map[kind]string{atMost: "at most %.10g", atLeast: "at least %.10g", below: "below %.10g", wished: "%.10g wished"}[b.kind]
	if format == "" {
		return ""
	}
	return fmt.Sprintf(format, b.limit)
}

// verdict is the last column of the table.
type verdict string

const (
	reached     verdict = "reached"
	missed      verdict = "**missed**"
	notMeasured verdict = "-"
	shown       verdict = ""
)

// verdict compares the figure as it was measured, not as it is shown.
func (g goal) verdict(r *results) (figure string, v verdict) {
	x, measured := g.of(r)
	if !measured {
		if g.kind == none || g.kind == wished {
			return "-", shown
		}
		return "-", notMeasured
	}
	format := g.format
	if format == "" {
		format = "%.3g"
	}
	figure = fmt.Sprintf(format, x)
	switch {
	case g.kind == none:
		return figure, shown
	case g.kind == wished && g.reached(x):
		return figure, "(reached)"
	case g.kind == wished:
		return figure, "(not)"
	case g.reached(x):
		return figure, reached
	}
	return figure, missed
}

// compareAll writes a table in Markdown of all goals, and reports whether none was missed.
func compareAll(w io.Writer, r *results, goals []goal) (ok bool) {
	if line := r.machine(); line != "" {
		fmt.Fprintf(w, "%s\n\n", line)
	}
	fmt.Fprintln(w, "| | goal | bound | measured | |")
	fmt.Fprintln(w, "|---|---|---|---|---|")
	count := make(map[verdict]int)
	for _, g := range goals {
		figure, v := g.verdict(r)
		count[v]++
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s |\n", g.row, g.name, g.bound, figure, v)
	}
	fmt.Fprintf(w, "\n%d reached, %d missed, %d not measured.\n", count[reached], count[missed], count[notMeasured])
	return count[missed] == 0
}

// goalsCmd compares results with the goals.
type goalsCmd struct {
	Files []string `arg:"" optional:"" name:"file" help:"Results of one commit; standard input if there is none."`
}

// Run is the command goals.
func (c *goalsCmd) Run(std *stdio) error {
	r, err := readFiles(std, c.Files)
	if err != nil {
		return err
	}
	if !compareAll(std.out, r, goals) {
		return errMissed
	}
	return nil
}
