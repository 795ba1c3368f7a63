package report

import (
	"time"

	"github.com/go-echarts/go-echarts/v2/opts"
)

// hitRates shows the share of the lookups that did not wait for a token request, over
// time. It is nil if nobody has counted them for each part of a run.
func hitRates(runs []placed) chart {
	known := false
	y := opts.YAxis{
		Type: "value", Min: 0, Max: 100, SplitNumber: 2, AxisLabel: label("@f:hundredths"), SplitLine: splitLine(true), AxisLine: axisLine(),
	}
	c := newLine(withoutLabels(timeAxis(runs[0].Duration)), y, "@f:rateTip", "26", "8")
	for _, r := range runs {
		points := r.overTime(func(s Slot) (any, bool) {
			if s.Hits+s.Waits == 0 {
				return nil, false
			}
			known = true
			return 100 * float64(s.Hits) / float64(s.Hits+s.Waits), true
		})
		c.AddSeries(r.Store, nil, series("hits/"+r.Store, r.Place, opts.LineStyle{Width: 1.75}, points))
	}
	if !known {
		return nil
	}
	c.AddSeries("", nil, scenes(runs, false))
	return options(c)
}

// overTime returns the points of a line over time. Where of has nothing to tell, though
// calls were due, there is a gap; where none was due, because the rate is low, the line
// goes on.
func (r Run) overTime(of func(Slot) (value any, known bool)) [][]any {
	points := [][]any{} // not nil, which the page would have to know about
	for i, s := range r.Slots {
		at := (time.Duration(i)*r.Slot + r.Slot/2).Seconds()
		if value, known := of(s); known {
			points = append(points, []any{at, value})
		} else if s.Calls > 0 || s.Failed > 0 {
			points = append(points, []any{at, nil})
		}
	}
	return points
}
