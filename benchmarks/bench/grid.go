package bench

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"golang.org/x/perf/benchmath"
	"golang.org/x/perf/benchproc"
	"golang.org/x/perf/benchunit"
)

// A grid has the results of a table, by row and column.
type grid struct {
	table
	rowKeys, columnKeys []benchproc.Key
	cells               map[place]*cell
	notes               []string // what to know of single cells, once each
}

type place struct{ row, column benchproc.Key }

// A cell is one benchmark in all its rounds.
type cell struct {
	values  []float64
	sample  *benchmath.Sample
	summary benchmath.Summary
}

// statistics are those of benchstat: medians, and no assumption about the distribution.
var statistics = benchmath.AssumeNothing

const confidence = 0.95

// of selects the results of a table.
func (t table) of(r *results) (*grid, error) {
	var parser benchproc.ProjectionParser
	filter, filterErr := benchproc.NewFilter(".name:" + t.name + " .unit:" + t.unit)
	rows, rowErr := parser.Parse(t.rows, filter)
	columns, columnErr := parser.Parse(t.columns, filter)
	if err := errors.Join(filterErr, rowErr, columnErr); err != nil {
		return nil, err
	}
	g := &grid{table: t, cells: make(map[place]*cell)}
	for _, result := range r.all {
		result = result.Clone() // Apply removes the other units
		if ok, err := filter.Apply(result); !ok || err != nil {
			continue
		}
		at := place{rows.Project(result), columns.Project(result)}
		if g.cells[at] == nil {
			g.cells[at] = new(cell)
		}
		for _, v := range result.Values {
			g.cells[at].values = append(g.cells[at].values, v.Value)
		}
		if !slices.Contains(g.rowKeys, at.row) {
			g.rowKeys = append(g.rowKeys, at.row)
		}
		if !slices.Contains(g.columnKeys, at.column) {
			g.columnKeys = append(g.columnKeys, at.column)
		}
	}
	benchproc.SortKeys(g.rowKeys)
	benchproc.SortKeys(g.columnKeys)
	for _, c := range g.cells {
		c.sample = benchmath.NewSample(c.values, &benchmath.DefaultThresholds)
		c.summary = statistics.Summary(c.sample, confidence)
	}
	return g, nil
}

// write shows the grid as benchstat does: medians with their confidence interval, the
// difference from the first column, and the geometric means of the columns.
func (g *grid) write(w io.Writer) {
	lines := [][]string{g.header()}
	for _, row := range g.rowKeys {
		lines = append(lines, g.line(row))
	}
	if g.columns != list && len(g.rowKeys) > 1 {
		lines = append(lines, g.means())
	}
	var text strings.Builder
	aligned := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		fmt.Fprintln(aligned, strings.Join(line, "\t"))
	}
	_ = aligned.Flush() // into memory
	for line := range strings.Lines(text.String()) {
		fmt.Fprintln(w, strings.TrimRight(line, " \n"))
	}
	for _, note := range g.notes {
		fmt.Fprintln(w, note)
	}
}

func (g *grid) header() []string {
	line := []string{g.unit}
	for i, column := range g.columnKeys {
		switch {
		case g.columns == list:
		case i == 0:
			line = append(line, column.StringValues())
		default:
			line = append(line, column.StringValues(), "vs base")
		}
	}
	return line
}

func (g *grid) line(row benchproc.Key) []string {
	var centers []float64
	for _, column := range g.columnKeys {
		if c := g.cells[place{row, column}]; c != nil {
			centers = append(centers, c.summary.Center)
		}
	}
	scale := benchunit.CommonScale(centers, benchunit.ClassOf(g.unit))
	base := g.cells[place{row, g.columnKeys[0]}]
	line := []string{row.StringValues()}
	for i, column := range g.columnKeys {
		c, value, difference := g.cells[place{row, column}], "", ""
		if c != nil {
			g.note(c.sample.Warnings, c.summary.Warnings)
			value = scale.Format(c.summary.Center) + " ± " + c.summary.PctRangeString()
		}
		if c != nil && base != nil && i > 0 {
			compared := statistics.Compare(base.sample, c.sample)
			g.note(compared.Warnings)
			difference = compared.FormatDelta(base.summary.Center, c.summary.Center) + " (" + compared.String() + ")"
		}
		line = append(line, value)
		if i > 0 {
			line = append(line, difference)
		}
	}
	return line
}

func (g *grid) means() []string {
	line := []string{"geomean"}
	for i, column := range g.columnKeys {
		var centers, ratios []float64
		for _, row := range g.rowKeys {
			c, base := g.cells[place{row, column}], g.cells[place{row, g.columnKeys[0]}]
			if c != nil {
				centers = append(centers, c.summary.Center)
			}
			if c != nil && base != nil {
				ratios = append(ratios, c.summary.Center/base.summary.Center)
			}
		}
		line = append(line, benchunit.Scale(geomean(centers), benchunit.ClassOf(g.unit)))
		if len(ratios) < len(g.rowKeys) {
			g.note([]error{errors.New("geomean: of the rows that both columns have")})
		}
		switch {
		case i == 0:
		case len(ratios) == 0:
			line = append(line, "")
		default:
			line = append(line, fmt.Sprintf("%+.2f%%", (geomean(ratios)-1)*100))
		}
	}
	return line
}

func geomean(values []float64) float64 {
	var sum float64
	for _, x := range values {
		sum += math.Log(x)
	}
	return math.Exp(sum / float64(len(values)))
}

// note keeps warnings to be shown below the grid.
func (g *grid) note(warnings ...[]error) {
	for _, warning := range slices.Concat(warnings...) {
		if !slices.Contains(g.notes, warning.Error()) {
			g.notes = append(g.notes, warning.Error())
		}
	}
}
