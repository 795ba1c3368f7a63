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
		"round": round, "grouped": grouped[int], "grouped64": grouped[int64], "short": short,
		"text": Spread.text, "hitRate": hitRate, "heat": heat, "hue": Hue, "tight": tight,
		"percentage": func(share float64) string { return fmt.Sprintf("%.4f", 100*share) },
		"heldUp":     Run.heldUpShare, "heldUpUncorrected": Run.heldUpUncorrectedShare, "onTime": Run.onTimeShare,
		"missed": Run.missedShare, "missedHow": Run.missedHow,
		"slack": func() time.Duration { return slack }, "noticeable": func() time.Duration { return noticeable },
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
	HitRates     bool   // whether they are shown over time
	Lanes        []lane // what is shown in the lanes, if there are any
	LaneHeight   int
}

// row is one scenario of the overview, with nil where a store was not played.
type row struct {
	Run
	Cells []*placed
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
		if h := hitRates(runs); h != nil {
			all["hits-"+name], sec.HitRates = h, true
		}
		if l, kinds := lanes(runs); l != nil {
			all["lanes-"+name], sec.Lanes = l, kinds
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
	sec := section{Run: runs[0].Run, Runs: runs, Observations: observations(runs), Conditions: conditions(runs[0].Run), LaneHeight: 10 + 30*len(runs)}
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
	switch {
	case r.Tenants > 0:
		c = append(c, grouped(r.Tenants)+" tenants, called by "+string(r.Spread)+" spread")
	case !r.Life.IsZero():
		c = append(c, "tokens live "+round(r.Life.Lifetime))
	}
	if r.RedisLatency > 0 {
		c = append(c, "Redis is "+round(r.RedisLatency)+" away")
	}
	if r.DiscoveryLatency > 0 {
		c = append(c, "discovery takes "+round(r.DiscoveryLatency))
	}
	if r.APILatency > 0 {
		c = append(c, "the API takes "+round(r.APILatency))
	}
	return append(c, "held up: longer than "+round(r.HeldUpAfter))
}

func newRow(sec section, stores []string) row {
	r := row{Run: sec.Run, Cells: make([]*placed, len(stores))}
	for i := range sec.Runs {
		r.Cells[sec.Runs[i].Place] = &sec.Runs[i]
	}
	return r
}

// heat is how warm a run is shown, in percent: not at all if every call was on time, and
// full if half of them were not. A few look different from none, and a tenth from a
// twentieth.
func heat(r Run) int {
	if r.OnTime == 1 || r.due() == 0 {
		return 0
	}
	return int(min(100, 10+90*math.Sqrt(2*(1-r.OnTime))))
}
