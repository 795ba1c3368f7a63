package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/advoware-go/advoware/benchmarks/study/event"
)

// lane is how events of a kind look: the name, the outline, ten by ten, and the colour
// of the theme that the page's legend shows too.
type lane struct {
	kind         event.Kind
	Name         string
	Path         string
	Colour       string
	alsoFailures bool // of calls, which are no events
}

// laneKinds are all that is shown below the time line, in the order of the legend;
// a later one is drawn over an earlier one. They differ in shape and not in colour alone.
var laneKinds = []lane{
	{Name: "calls fail", Path: "M2,2 H8 V8 H2 Z", Colour: "bad", alsoFailures: true},
	{kind: event.Request, Name: "token requested", Path: "M0,0 L10,5 L0,10 Z", Colour: "ink"},
	{kind: event.Token, Name: "new token", Path: "M5,0 A5,5 0 1 1 5,10 A5,5 0 1 1 5,0 Z", Colour: "good"},
	{kind: event.Adopted, Name: "token of another process", Path: "M5,0 L10,5 L5,10 L0,5 Z", Colour: "good"},
	{kind: event.Rejected, Name: "token refused", Path: "M5,0 L10,10 L0,10 Z", Colour: "warn"},
	{kind: event.Failed, Name: "token request failed", Path: "M2,0 L5,3 L8,0 L10,2 L7,5 L10,8 L8,10 L5,7 L2,10 L0,8 L3,5 L0,2 Z", Colour: "bad"},
	{kind: event.Down, Name: "Redis found down", Path: "M0,0 L10,0 L5,10 Z", Colour: "bad"},
	{kind: event.Up, Name: "Redis works again", Path: "M3,0 H7 V3 H10 V7 H7 V10 H3 V7 H0 V3 H3 Z", Colour: "good"},
}

// lanes shows what the library did, in a lane for each store, below a timeline, and
// returns the kinds of what is shown. It is nil if the library did nothing.
func lanes(runs []placed) (chart, []lane) {
	c := charts.NewScatter()
	c.SetGlobalOptions(
		charts.WithAnimation(false), noLegend,
		charts.WithXAxisOpts(withoutLabels(timeAxis(runs[0].Duration))),
		charts.WithYAxisOpts(laneAxis(runs)),
		charts.WithGridOpts(opts.Grid{Left: left, Right: right, Top: "4", Bottom: "6"}),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "item", Formatter: "@f:eventTip"}),
	)
	var shown []lane
	for _, k := range laneKinds {
		points := k.points(runs)
		if len(points) == 0 {
			continue
		}
		shown = append(shown, k)
		size := 10
		if k.alsoFailures {
			size = 6
		}
		c.AddSeries(k.Name, points, charts.WithSeriesOpts(func(s *charts.SingleSeries) {
			s.Id, s.Symbol, s.SymbolSize, s.Color = string(k.kind), "path://"+k.Path, size, "@"+k.Colour
			s.ItemStyle = &opts.ItemStyle{Color: "@" + k.Colour, Opacity: opts.Float(0.9)}
			s.Label = &opts.Label{Show: opts.Bool(true), Formatter: "@f:times", Position: "right", Color: "@" + k.Colour, FontSize: 12}
		}))
	}
	if shown == nil {
		return nil, nil
	}
	c.AddSeries("", nil, scenes(runs, false))
	return options(c), shown
}

// near is how often a run can be parted into spans in which events of one kind are shown
// as one, with their number: further apart they do not hide each other.
const near = 50

// points are the events of one kind in all runs. The third part of a value is how many
// there were at that instant.
func (k lane) points(runs []placed) []opts.ScatterData {
	var points []opts.ScatterData
	add := func(store int, at time.Duration, text string, times int) {
		points = append(points, opts.ScatterData{Name: text, Value: []any{at.Seconds(), store, times}})
	}
	for i, r := range runs {
		events := slices.DeleteFunc(slices.Clone(r.Events), func(e event.Event) bool { return k.alsoFailures || e.Kind != k.kind })
		for len(events) > 0 {
			n := 1
			for n < len(events) && events[n].At-events[0].At < r.Duration/near {
				n++
			}
			text := events[0].Text
			if n > 1 {
				text = fmt.Sprintf("%d × %s", n, k.Name)
			}
			add(i, events[0].At, text, n)
			events = events[n:]
		}
		for j, s := range r.Slots {
			if k.alsoFailures && s.Failed > 0 {
				add(i, time.Duration(j)*r.Slot+r.Slot/2, plural(s.Failed, "call failed", "calls failed"), 1)
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
