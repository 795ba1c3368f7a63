package report

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"

	"github.com/advoware-go/advoware/benchmarks/study/event"
)

// chart is the options of one chart. A text that begins with @ stands for what only
// the page knows: @c0, @c1, … are the colours of stores, other names colours of the
// theme, and @f:… functions that write a value.
type chart = json.RawMessage

// options returns what the page needs of a chart that go-echarts has put together.
func options(c interface {
	Validate()
	JSON() map[string]any
}) chart {
	c.Validate()
	all := c.JSON()
	for _, unused := range []string{"title", "toolbox", "color"} {
		delete(all, unused)
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic("report: " + err.Error()) // plain data
	}
	return text
}

// Margins that all charts of a scenario share, so that their time axes are in line.
const left, right = "72", "92"

// hues is how many the style sheet has for stores. Further stores begin again with the
// first: their names stand beside their lines.
const hues = 10

// Hue is the number of the colour of a store, as the style sheet names them: c0, c1 and so on.
func Hue(store int) int { return store % hues }

func colour(store int) string { return fmt.Sprintf("@c%d", Hue(store)) }

func axisLine() *opts.AxisLine {
	return &opts.AxisLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: "@line"}}
}

func splitLine(show bool) *opts.SplitLine {
	return &opts.SplitLine{Show: opts.Bool(show), LineStyle: &opts.LineStyle{Color: "@grid"}}
}

func label(formatter types.FuncStr) *opts.AxisLabel {
	return &opts.AxisLabel{
		Show: opts.Bool(true), Color: "@muted", FontSize: 12, Formatter: formatter,
		ShowMinLabel: opts.Bool(true), ShowMaxLabel: opts.Bool(true), HideOverlap: opts.Bool(true),
	}
}

// latencyAxis is logarithmic, from the power of ten below lowest to the one above
// highest, in nanoseconds. It has nine decades at most: ECharts labels no more, and what
// is below is less than a look at the clock.
func latencyAxis(lowest, highest time.Duration) opts.YAxis {
	top := math.Ceil(math.Log10(float64(max(10, highest+1))))
	bottom := max(top-9, math.Floor(math.Log10(float64(max(1, lowest)))))
	return opts.YAxis{
		Type: "log", AxisLabel: label("@f:latency"), SplitLine: splitLine(true), AxisLine: axisLine(),
		Min: math.Pow(10, min(bottom, top-1)), Max: math.Pow(10, top),
	}
}

func timeAxis(duration time.Duration) opts.XAxis {
	return opts.XAxis{
		Type: "value", Min: 0, Max: duration.Seconds(), AxisLabel: label("@f:seconds"),
		SplitLine: splitLine(false), AxisLine: axisLine(), AxisTick: &opts.AxisTick{Show: opts.Bool(true)},
	}
}

// noLegend: names stand at the ends of lines, and the page has a legend for lanes, which
// can wrap.
var noLegend = charts.WithLegendOpts(opts.Legend{Show: opts.Bool(false)})

// newLine returns an empty line chart.
func newLine(x opts.XAxis, y opts.YAxis, tooltip types.FuncStr, top, bottom string) *charts.Line {
	c := charts.NewLine()
	c.SetGlobalOptions(
		charts.WithAnimation(false), noLegend, charts.WithXAxisOpts(x), charts.WithYAxisOpts(y),
		charts.WithGridOpts(opts.Grid{Left: left, Right: right, Top: top, Bottom: bottom}),
		charts.WithTooltipOpts(opts.Tooltip{
			Show: opts.Bool(true), Trigger: "axis", Formatter: tooltip,
			AxisPointer: &opts.AxisPointer{Type: "line", Snap: opts.Bool(true)},
		}),
	)
	return c
}

// series says how a line looks.
func series(id string, store int, style opts.LineStyle, points [][]any) charts.SeriesOpts {
	style.Color = colour(store)
	return charts.WithSeriesOpts(func(s *charts.SingleSeries) {
		s.Id, s.Color, s.Data, s.LineStyle = id, colour(store), points, &style
		s.Symbol, s.ShowSymbol = "circle", opts.Bool(false)
	})
}

// timeline shows latency over time, for several runs of one scenario. The page shows
// one kind of figures at a time, by the beginning of the id.
func timeline(runs []placed) chart {
	lowest, highest := time.Duration(math.MaxInt64), time.Duration(0)
	for _, r := range runs {
		for _, s := range r.Slots {
			if s.Calls > 0 {
				lowest, highest = min(lowest, s.P50), max(highest, s.Max)
			}
		}
	}
	c := newLine(timeAxis(runs[0].Duration), latencyAxis(lowest, highest), "@f:timeTip", "36", "44")
	for _, figure := range []struct {
		name string
		of   func(Slot) time.Duration
	}{
		{"max", func(s Slot) time.Duration { return s.Max }},
		{"p99", func(s Slot) time.Duration { return s.P99 }},
		{"p50", func(s Slot) time.Duration { return s.P50 }},
	} {
		for _, r := range runs {
			points := r.overTime(func(s Slot) (any, bool) { return max(1, figure.of(s)), s.Calls > 0 })
			c.AddSeries(r.Store, nil, series(figure.name+"/"+r.Store, r.Place, opts.LineStyle{Width: 1.75}, points))
		}
	}
	c.AddSeries("", nil, scenes(runs, true))
	return options(c)
}

// scenes marks what the scenario did, as vertical lines.
func scenes(runs []placed, labels bool) charts.SeriesOpts {
	var marks []any
	seen := make(map[string]bool)
	for _, e := range runs[0].Events {
		if e.Kind == event.Scene && !seen[fmt.Sprint(e.At.Round(runs[0].Slot), e.Text)] {
			seen[fmt.Sprint(e.At.Round(runs[0].Slot), e.Text)] = true
			marks = append(marks, opts.MarkLineNameXAxisItem{Name: e.Text, XAxis: e.At.Seconds()})
		}
	}
	return charts.WithSeriesOpts(func(s *charts.SingleSeries) {
		s.Id, s.Data, s.Color = "scenes", [][]any{}, "@scene"
		s.MarkLines = &opts.MarkLines{Data: marks, MarkLineStyle: opts.MarkLineStyle{
			Symbol:    []string{"none", "none"},
			LineStyle: &opts.LineStyle{Color: "@scene", Type: "solid", Width: 1.25},
			Label:     &opts.Label{Show: opts.Bool(labels), Formatter: "{b}", Color: "@scene", Position: "end", FontSize: 12},
		}}
	})
}

// percentiles shows the whole distribution on a scale on which 99 %, 99.9 % and so on
// are equally far apart.
func percentiles(runs []placed) chart {
	lowest, highest, last := time.Duration(math.MaxInt64), time.Duration(0), 10.
	for _, r := range runs {
		if r.Latency.Count > 0 {
			lowest, highest = min(lowest, r.Uncorrected.least(), r.Latency.least()), max(highest, r.Latency.Max, r.Uncorrected.Max)
			last = max(last, float64(r.Latency.Count))
		}
	}
	x := opts.XAxis{
		Type: "log", Min: 1, Max: math.Pow(10, math.Ceil(math.Log10(last))), AxisLabel: label("@f:percentile"),
		SplitLine: splitLine(true), AxisLine: axisLine(),
	}
	c := newLine(x, latencyAxis(lowest, highest), "@f:shareTip", "36", "44")
	for _, r := range runs {
		c.AddSeries(r.Store, nil, series("corrected/"+r.Store, r.Place, opts.LineStyle{Width: 2.25}, curvePoints(r.Latency)))
		c.AddSeries(r.Store, nil, series("uncorrected/"+r.Store, r.Place, opts.LineStyle{Width: 1.25, Type: "dashed"}, curvePoints(r.Uncorrected)))
	}
	return options(c)
}

func curvePoints(s Spread) [][]any {
	points := [][]any{} // not nil, which the page would have to know about
	for _, p := range s.curve() {
		points = append(points, []any{math.Round(1e4/(1-p.share)) / 1e4, max(1, p.value)})
	}
	return points
}
