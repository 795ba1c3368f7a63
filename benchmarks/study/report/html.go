package report

import (
	_ "embed" // the page
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string
	//go:embed echarts/echarts.common.min.js
	echartsJS string

	page = template.Must(template.New("page").Funcs(template.FuncMap{
		"short": short, "round": round, "percent": percent, "grouped": grouped[int], "heat": heat,
		"grouped64": grouped[int64],
		"share":     func(part, of int64) float64 { return 100 * float64(part) / float64(max(1, part+of)) },
	}).Parse(pageHTML))
)

// view is what the page is made from.
type view struct {
	*Study
	Stores   []string
	Sections []section
	Matrix   []row

	CSS             template.CSS
	ECharts, Script template.JS
	Charts, Raw     template.JS
}

// placed is a run and the place of its store among all of the study, which gives it its
// colour.
type placed struct {
	Run
	Place int
}

// section is one scenario with all its stores.
type section struct {
	Run          // the first: what all have in common
	Runs         []placed
	Observations []string
	Conditions   []string
	Lanes        bool
	LaneHeight   int
}

// row is one scenario of the overview, with nil where a store was not played.
type row struct {
	Run
	Cells []*Run
}

// WriteHTML writes one file with everything in it: it can be sent and kept, and shown
// without a network.
func (s *Study) WriteHTML(w io.Writer) error {
	raw, err := json.Marshal(s) // < as \u003c, so that nothing in it ends the script element
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	v := view{Study: s, CSS: template.CSS(pageCSS), ECharts: template.JS(echartsJS), Script: template.JS(pageJS), Raw: template.JS(raw)}
	all := make(map[string]chart)
	for _, r := range s.Runs {
		if !slices.Contains(v.Stores, r.Store) {
			v.Stores = append(v.Stores, r.Store)
		}
	}
	for _, runs := range s.byScenario(v.Stores) {
		sec := newSection(runs)
		name := sec.Scenario
		all["timeline-"+name], all["percentiles-"+name] = timeline(runs), percentiles(runs)
		if l := lanes(runs); l != nil {
			all["lanes-"+name], sec.Lanes = l, true
		}
		v.Sections, v.Matrix = append(v.Sections, sec), append(v.Matrix, newRow(sec, v.Stores))
	}
	text, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	v.Charts = template.JS(text)
	return page.Execute(w, v)
}

// byScenario returns the runs of each scenario, in the order in which they were played.
func (s *Study) byScenario(stores []string) [][]placed {
	var (
		all [][]placed
		at  = make(map[string]int)
	)
	for _, r := range s.Runs {
		i, known := at[r.Scenario]
		if !known {
			i = len(all)
			at[r.Scenario], all = i, append(all, nil)
		}
		all[i] = append(all[i], placed{r, slices.Index(stores, r.Store)})
	}
	return all
}

func newSection(runs []placed) section {
	sec := section{Run: runs[0].Run, Runs: runs, Observations: observations(runs), Conditions: conditions(runs[0].Run), LaneHeight: 46 + 30*len(runs)}
	return sec
}

// conditions says under which a run was made.
func conditions(r Run) []string {
	call := "one call is a lookup of a token"
	if r.Load == subject.Call {
		call = "one call is a whole call of the API"
	}
	c := []string{
		grouped(int(r.Rate)) + " calls/s for " + round(r.Duration), call,
		plural(r.Workers, "call", "calls") + " at a time", "a token request takes " + round(r.TokenLatency),
	}
	if r.Rate != math.Trunc(r.Rate) {
		c[0] = fmt.Sprintf("%g calls/s for %s", r.Rate, round(r.Duration))
	}
	if r.Processes > 1 {
		c = append(c, fmt.Sprintf("%d processes", r.Processes))
		c[2] += " in each process"
	}
	if !r.Life.IsZero() {
		c = append(c, "tokens live "+round(r.Life.Lifetime))
	}
	if r.APILatency > 0 {
		c = append(c, "the API takes "+round(r.APILatency))
	}
	return c
}

func newRow(sec section, stores []string) row {
	r := row{Run: sec.Run, Cells: make([]*Run, len(stores))}
	for i := range sec.Runs {
		r.Cells[sec.Runs[i].Place] = &sec.Runs[i].Run
	}
	return r
}

// heat is how warm a latency is shown: nothing up to a microsecond, full at a second.
func heat(d time.Duration) int {
	return int(100 * min(1, max(0, math.Log10(float64(max(1, d))/1e3)/6)))
}
