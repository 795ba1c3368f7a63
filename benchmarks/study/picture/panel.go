package picture

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/event"
	"github.com/advoware-go/advoware/benchmarks/study/report"
	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

// Sizes in a panel.
const (
	panelTitle = 20 // the title
	labelRow   = 15 // a row of labels of scenes
	plotHeight = 124
	plotBelow  = 18 // the labels of the time axis
	plotLeft   = 48 // the labels of the latency axis
	plotRight  = 16
	failBar    = 5  // the height of a bar over the time in which calls fail
	failRows   = 15 // of bars, one for each store
)

// panel is one scenario in a picture.
type panel struct {
	Title, What              string
	X, Y                     float64 // where the title stands
	Left, Right, Top, Bottom float64 // of the plot
	End                      float64 // of all of it
	Rows                     int     // of labels of scenes
	Scenes                   []sign
	Latencies, Times         []sign // of the axes; a latency without a name is a fainter line
	Lines                    []line
	Fails                    []sign
}

// line is the curve of one store.
type line struct {
	Path  string // of an SVG
	Store int
}

// newPanel places a panel with its upper left corner at x and y, with room for some rows of
// labels of scenes, or for as many as it needs.
func newPanel(runs []placed, axis latencies, x, y, width float64, rows int) panel {
	first := runs[0].Run
	p := panel{Title: first.Title, What: "token lookups", X: x, Y: y + 13, Left: x + plotLeft, Right: x + width - plotRight}
	if first.Load == subject.Call {
		p.What = "whole calls"
	}
	p.What += " · request " + round(first.TokenLatency)
	if first.Processes > 1 {
		p.What += fmt.Sprintf(" · %d processes", first.Processes)
	}
	at := func(t time.Duration) float64 { return p.Left + (p.Right-p.Left)*float64(t)/float64(first.Duration) }
	p.Rows = max(rows, p.flags(runs, at, y+panelTitle))
	p.Top = y + panelTitle + float64(labelRow*p.Rows) + 3
	p.Bottom, p.End = p.Top+plotHeight, p.Top+plotHeight+plotBelow
	height := func(d time.Duration) float64 { return p.Bottom - plotHeight*axis.share(d) }
	p.Latencies, p.Times = axis.signs(height), times(first.Duration, at, p.Bottom+14)
	failing := 0
	for _, r := range runs {
		p.Lines = append(p.Lines, line{Store: r.Place, Path: r.path(at, height)})
		if bars := r.fails(at, p.Top+4+float64(failing%failRows*(failBar+2))); bars != nil {
			p.Fails, failing = append(p.Fails, bars...), failing+1
		}
	}
	return p
}

// flags places the labels of what the scenario did, each at the right of its line, and
// returns in how many rows. The line begins beside its label: a label is in a lower row
// than those that reach over its line, so that none is crossed.
func (p *panel) flags(runs []placed, at func(time.Duration) float64, top float64) (rows int) {
	var row []int
	for _, e := range scenesOf(runs) {
		s, mine := sign{X: at(min(max(0, e.At), runs[0].Duration)), Name: e.Text, Width: widthOf(e.Text)}, 0
		for i, before := range p.Scenes {
			if s.X < before.X+before.Width {
				mine = max(mine, row[i]+1)
			}
		}
		s.Y = top + float64(labelRow*mine) + 11
		p.Scenes, row, rows = append(p.Scenes, s), append(row, mine), max(rows, mine+1)
	}
	return rows
}

// scenesOf returns what the scenario did, each once.
func scenesOf(runs []placed) []event.Event {
	var all []event.Event
	for _, e := range runs[0].Events {
		same := func(o event.Event) bool { return o.Text == e.Text && (e.At-o.At).Abs() < runs[0].Slot }
		if e.Kind == event.Scene && !slices.ContainsFunc(all, same) {
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b event.Event) int { return cmp.Compare(a.At, b.At) })
	return all
}

// path is the line of a run: the slowest call of each slot, with a gap where calls were due
// and none succeeded.
func (r placed) path(at, height func(time.Duration) float64) string {
	var b strings.Builder
	verb := "M"
	for i, s := range r.Slots {
		switch middle := time.Duration(i)*r.Slot + r.Slot/2; {
		case s.Calls > 0:
			b.WriteString(verb + px(at(middle)) + "," + px(height(s.Max)))
			verb = "L"
		case s.Failed > 0:
			verb = "M"
		}
	}
	return b.String()
}

// fails are the times in which calls of a run failed.
func (r placed) fails(at func(time.Duration) float64, y float64) []sign {
	var bars []sign
	for i := 0; i < len(r.Slots); i++ {
		from := i
		for i < len(r.Slots) && r.Slots[i].Failed > 0 {
			i++
		}
		if i > from {
			x := at(time.Duration(from) * r.Slot)
			bars = append(bars, sign{X: x, Y: y, Width: at(time.Duration(i)*r.Slot) - x, Store: r.Place})
		}
	}
	return bars
}

// latencies is a logarithmic axis that all panels share, by the exponents of its ends in
// nanoseconds.
type latencies struct{ lowest, highest int }

func newLatencies(runs []report.Run) latencies {
	a, none := latencies{lowest: math.MaxInt, highest: 1}, true
	for _, r := range runs {
		for _, s := range r.Slots {
			if s.Calls > 0 {
				exponent := math.Log10(float64(max(1, s.Max)))
				a.lowest, none = min(a.lowest, int(exponent)), false
				a.highest = max(a.highest, int(exponent)+1)
			}
		}
	}
	if none {
		a.lowest = 0
	}
	return a
}

// share is how high up a latency is, from 0 to 1.
func (a latencies) share(d time.Duration) float64 {
	return (math.Log10(float64(max(1, d))) - float64(a.lowest)) / float64(a.highest-a.lowest)
}

// signs are the powers of ten, with names where these have room.
func (a latencies) signs(height func(time.Duration) float64) []sign {
	var all []sign
	for exponent := a.lowest; exponent <= a.highest; exponent++ {
		d := time.Duration(math.Pow10(min(exponent, 18)))
		s := sign{Y: height(d)}
		if a.highest-a.lowest <= 4 || exponent%3 == 0 {
			s.Name = round(d)
		}
		all = append(all, s)
	}
	return all
}

// times are up to six instants, at round distances.
func times(duration time.Duration, at func(time.Duration) float64, y float64) []sign {
	var step time.Duration
	for unit := time.Duration(1); step == 0; unit *= 10 {
		for _, n := range []time.Duration{1, 2, 5} {
			if duration/(n*unit) <= 5 {
				step = n * unit
				break
			}
		}
	}
	all := []sign{{X: at(0), Y: y, Name: "0"}}
	for n := range duration / step { // a sum could be too large
		t := (n + 1) * step
		all = append(all, sign{X: at(t), Y: y, Name: round(t)})
	}
	return all
}

// round writes a duration in the largest unit that it has one of.
func round(d time.Duration) string {
	for _, u := range []struct {
		size time.Duration
		name string
	}{{time.Second, "s"}, {time.Millisecond, "ms"}, {time.Microsecond, "µs"}} {
		if d >= u.size {
			return strconv.FormatFloat(float64(d)/float64(u.size), 'f', -1, 64) + " " + u.name
		}
	}
	return strconv.Itoa(int(d)) + " ns"
}
