package report

import (
	"time"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/advoware-go/advoware/benchmarks/study/event"
)

// lane is how events of a kind look.
type lane struct {
	kind         event.Kind
	name         string
	symbol       string
	size         int
	colour       string
	alsoFailures bool // of calls, which are no events
}

// laneKinds are all that is shown below the time line, in the order of the legend.
// They differ in shape and not in colour alone.
var laneKinds = []lane{
	{kind: event.Request, name: "token requested", symbol: "path://M0,0 L9,5 L0,10 Z", size: 10, colour: "@ink"},
	{kind: event.Token, name: "new token", symbol: "circle", size: 9, colour: "@good"},
	{kind: event.Adopted, name: "token of another process", symbol: "diamond", size: 11, colour: "@good"},
	{kind: event.Rejected, name: "token refused", symbol: "triangle", size: 10, colour: "@warn"},
	{kind: event.Failed, name: "token request failed", symbol: "pin", size: 14, colour: "@bad"},
	{kind: event.Down, name: "Redis found down", symbol: "arrow", size: 10, colour: "@bad"},
	{kind: event.Up, name: "Redis works again", symbol: "roundRect", size: 9, colour: "@good"},
	{name: "calls fail", symbol: "rect", size: 6, colour: "@bad", alsoFailures: true},
}

// lanes shows what the library did, in a lane for each store, below a timeline. It is
// nil if it did nothing.
func lanes(runs []placed) chart {
	c := charts.NewScatter()
	c.SetGlobalOptions(
		charts.WithAnimation(false),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(true), Bottom: "0", Left: "66", ItemWidth: 12, ItemHeight: 10, TextStyle: &opts.TextStyle{Color: "@muted", FontSize: 12}}),
		charts.WithXAxisOpts(withoutLabels(timeAxis(runs[0].Duration))),
		charts.WithYAxisOpts(laneAxis(runs)),
		charts.WithGridOpts(opts.Grid{Left: left, Right: right, Top: "4", Bottom: "34"}),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "item", Formatter: "@f:eventTip"}),
	)
	shown := false
	for _, k := range laneKinds {
		points := k.points(runs)
		if len(points) == 0 {
			continue
		}
		shown = true
		c.AddSeries(k.name, points, charts.WithSeriesOpts(func(s *charts.SingleSeries) {
			s.Id, s.Symbol, s.SymbolSize, s.Color = string(k.kind), k.symbol, k.size, k.colour
			s.ItemStyle = &opts.ItemStyle{Color: k.colour, Opacity: opts.Float(0.9)}
		}))
	}
	if !shown {
		return nil
	}
	c.AddSeries("", nil, scenes(runs, false))
	return options(c)
}

// points are the events of one kind in all runs.
func (k lane) points(runs []placed) []opts.ScatterData {
	var points []opts.ScatterData
	add := func(store int, at time.Duration, text string) {
		points = append(points, opts.ScatterData{Name: text, Value: []any{at.Seconds(), store}})
	}
	for i, r := range runs {
		for _, e := range r.Events {
			if e.Kind == k.kind {
				add(i, e.At, e.Text)
			}
		}
		for j, s := range r.Slots {
			if k.alsoFailures && s.Failed > 0 {
				add(i, time.Duration(j)*r.Slot+r.Slot/2, plural(s.Failed, "call failed", "calls failed"))
			}
		}
	}
	return points
}

func withoutLabels(x opts.XAxis) opts.XAxis {
	x.AxisLabel = &opts.AxisLabel{Show: opts.Bool(false)}
	x.AxisTick = &opts.AxisTick{Show: opts.Bool(false)}
	return x
}

func laneAxis(runs []placed) opts.YAxis {
	names := make([]string, len(runs))
	for i, r := range runs {
		names[i] = r.Store
	}
	text := label("")
	text.Margin = 12 // room for what happens at the very beginning
	return opts.YAxis{
		Type: "category", Data: names, Inverse: opts.Bool(true), AxisLine: axisLine(),
		AxisLabel: text, SplitLine: splitLine(true),
	}
}
