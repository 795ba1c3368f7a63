package page

import (
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/advoware-go/advoware/monitor/internal/record"
)

// chart is a time line that ends now. Positions are percentages of its width.
type chart struct {
	Title string // "the last 24 hours"
	Lanes []lane
	Ticks []tick
	Since percent  // where the record begins; 0 if it is older
	Began *instant // nil likewise
	Cut   bool     // some of it is no more there
}

type percent float64

// String writes it for an attribute of SVG.
func (p percent) String() string { return strconv.FormatFloat(float64(p), 'f', 3, 64) + "%" }

// tick is a line at a whole hour.
type tick struct {
	X     percent
	At    instant
	Minor bool // not named on narrow windows
}

// lane is a row of the chart.
type lane struct {
	Name, Note, Kind string
	Label            string // for who cannot see it
	Height           int
	Bars             []bar
	Marks            []mark
	Areas            []shape
	Shift            float64 // how far the first slot lies before the begin, in slots
	Slots            float64 // how many slots the chart is wide
	Rest             percent // from Since to the end
	Hours            []bar
	Ticks            []tick
	Since            percent
}

// bar is a time.
type bar struct {
	X, Width percent
	Class    string
	Tip      tip
}

// shape is a path.
type shape struct{ Class, Path string }

// mark is an instant.
type mark struct {
	X     percent
	Class string
	Tip   tip
}

// tip is a text with up to two instants in it, which the script writes anew in the zone of the
// viewer.
type tip struct {
	Format string // with {0} and {1}
	Times  []instant
}

// Text returns it with the instants in UTC.
func (t tip) Text() string {
	text := t.Format
	for i, at := range t.Times {
		text = replace(text, i, at.Clock())
	}
	return text
}

// ISO returns the instants for the script.
func (t tip) ISO() (all string) {
	for i, at := range t.Times {
		if i > 0 {
			all += " "
		}
		all += at.ISO()
	}
	return all
}

// The heights of lanes of times and of numbers, in pixels.
const (
	height = 26
	tall   = 44
)

// windows are how long a time line may be, with the distance of its ticks: a process that is
// young has a shorter one.
var windows = []struct {
	long, step time.Duration
	title      string
}{
	{time.Hour, 10 * time.Minute, "the last hour"},
	{3 * time.Hour, 30 * time.Minute, "the last 3 hours"},
	{8 * time.Hour, time.Hour, "the last 8 hours"},
	{record.Day, 3 * time.Hour, "the last 24 hours"},
}

func (o Office) chart() chart {
	p := o.past
	window := windows[0]
	for _, w := range windows[1:] {
		if p.Now.Sub(p.Since) > window.long {
			window = w
		}
	}
	begin := p.Now.Add(-window.long)
	at := func(t time.Time) percent {
		return percent(min(max(float64(t.Sub(begin))/float64(window.long)*100, 0), 100))
	}
	c := chart{Title: window.title, Cut: !p.Cut.IsZero()}
	for t := begin.Truncate(window.step).Add(window.step); p.Now.Sub(t) > window.step/6; t = t.Add(window.step) {
		c.Ticks = append(c.Ticks, tick{at(t), instant{t}, t.Unix()/int64(window.step/time.Second)%2 != 0})
	}
	if p.Since.After(begin) {
		c.Since, c.Began = at(p.Since), &instant{p.Since}
	}
	row := func(name, kind string) *lane {
		c.Lanes = append(c.Lanes, lane{
			Name: name, Kind: kind, Height: height, Ticks: c.Ticks, Since: c.Since, Rest: 100 - c.Since,
			Shift: float64(begin.Sub(begin.Truncate(record.SlotTime))) / float64(record.SlotTime), Slots: float64(window.long) / float64(record.SlotTime),
		})
		return &c.Lanes[len(c.Lanes)-1]
	}
	add := func(l *lane, s record.Span, class, text string) {
		from, to := at(s.From), at(s.To)
		if to <= 0 {
			return
		}
		l.Bars = append(l.Bars, bar{X: from, Width: to - from, Class: class, Tip: tip{text, []instant{{s.From}, {s.To}}}})
	}

	l := row("Token", "token")
	for i, s := range p.Tokens {
		from := map[record.Origin]string{record.Fetched: "fetched", record.Renewed: "renewed", record.Shared: "taken over from another process"}[s.Origin]
		if !s.Over { // it is to serve on
			s.To = p.Now
		}
		add(l, s, []string{"token", "token odd"}[i%2], "Token "+s.Token+", "+from+", in use from {0} to {1}")
		if s.From.After(begin) && s.Origin == record.Renewed {
			l.Marks = append(l.Marks, mark{at(s.From), "renewal", tip{"Renewed at {0}", []instant{{s.From}}}})
		}
	}
	for _, s := range p.Rejections {
		l.Marks = append(l.Marks, mark{at(s.From), "rejected", tip{"The API refused " + plural(s.Count, "token", "tokens") + " (401) at {0}", []instant{{s.From}}}})
	}
	l.Label = plural(len(p.Tokens), "token", "tokens") + ", " + plural(len(p.Rejections), "time when one was refused", "times when one was refused")

	l = row("Gateway", "gateway")
	lost := time.Duration(0)
	for _, s := range p.Failures {
		class := "outage"
		if s.Refused {
			class = "refusal"
		}
		lost += s.To.Sub(s.From)
		add(l, s, class, plural(s.Count, "token request", "token requests")+" without a token ("+what(s)+") from {0} to {1}")
	}
	l.Label = trouble24(len(p.Failures), lost)

	if o.Status.Redis != nil {
		l, lost = row("Redis", "redis"), 0
		for _, s := range p.Redis {
			lost += s.To.Sub(s.From)
			add(l, s, "down", "Redis down from {0} to {1}")
		}
		l.Label = trouble24(len(p.Redis), lost)
	}
	o.calls(begin, row, at)
	return c
}

func trouble24(n int, lost time.Duration) string {
	if n == 0 {
		return "no trouble known"
	}
	return "in trouble " + plural(n, "time", "times") + ", for " + span(lost) + " in all"
}

// calls adds the two lanes of numbers: how many calls there were, and how long they took. Both
// are drawn in slots of five minutes; what can be pointed at is an hour.
func (o Office) calls(begin time.Time, row func(name, kind string) *lane, at func(time.Time) percent) {
	most, slowest := uint32(0), time.Duration(0)
	for _, s := range o.past.Slots {
		most, slowest = max(most, s.Lookups), max(slowest, s.P99)
	}
	l := row("Calls", "calls")
	l.Height, l.Note, l.Label = tall, "none", "none"
	if most > 0 {
		l.Note = "up to " + number(uint64(most)) + " in 5 min"
		l.Label = l.Note
		var hits, waits area
		for i, s := range o.slots(begin) {
			share := func(n uint32) float64 { return .94 * float64(n) / float64(most) }
			hits.add(i, share(s.Lookups))
			if s.Waits > 0 {
				waits.add(i, max(share(min(s.Waits, s.Lookups)), .05))
			}
		}
		l.Areas = []shape{{"hits", hits.String()}, {"waits", waits.String()}}
		l.Hours = o.hours(at, func(of []record.Slot) string {
			lookups, waits := uint64(0), uint64(0)
			for _, s := range of {
				lookups += uint64(s.Lookups)
				waits += uint64(min(s.Waits, s.Lookups))
			}
			return number(lookups) + " calls from {0} to {1}, " + rate(lookups-waits, lookups) + " of them without waiting for a token"
		})
	}
	if slowest == 0 {
		return
	}
	l = row("Latency", "latency")
	l.Height, l.Note = tall, "99 % up to "+took(slowest)
	l.Label = l.Note
	var p99, p50 area
	for i, s := range o.slots(begin) {
		if s.P99 > 0 {
			p99.add(i, decades(s.P99, slowest))
			p50.add(i, decades(s.P50, slowest))
		}
	}
	l.Areas = []shape{{"p99", p99.String()}, {"p50", p50.String()}}
	l.Hours = o.hours(at, func(of []record.Slot) string {
		p50, p99 := time.Duration(0), time.Duration(0)
		for _, s := range of {
			p50, p99 = max(p50, s.P50), max(p99, s.P99)
		}
		return fmt.Sprintf("from {0} to {1}, in the slowest five minutes: half of the calls within %s, 99 %% within %s", took(p50), took(p99))
	})
}

// decades is the height of a bar on a logarithmic scale, of two decades below the slowest.
func decades(d, slowest time.Duration) float64 {
	return .94 * max(math.Log10(float64(d)/float64(slowest))/2+1, .03)
}

// slots yields the slots by their number in a chart.
func (o Office) slots(begin time.Time) iter.Seq2[int, record.Slot] {
	return func(yield func(int, record.Slot) bool) {
		for _, s := range o.past.Slots {
			if i := int(s.Begin.Sub(begin.Truncate(record.SlotTime)) / record.SlotTime); i >= 0 && !yield(i, s) {
				return
			}
		}
	}
}

// hours returns what can be pointed at.
func (o Office) hours(at func(time.Time) percent, text func([]record.Slot) string) (all []bar) {
	for rest := o.past.Slots; len(rest) > 0; {
		begin := rest[0].Begin.Truncate(time.Hour)
		end := begin.Add(time.Hour)
		n := 0
		for n < len(rest) && rest[n].Begin.Before(end) {
			n++
		}
		x := at(begin)
		all = append(all, bar{X: x, Width: at(end) - x, Class: "hour", Tip: tip{text(rest[:n]), []instant{{begin}, {end}}}})
		rest = rest[n:]
	}
	return all
}

// area is the path of bars, each as wide as 1, in a box that is tall high.
type area struct{ strings.Builder }

func (a *area) add(i int, share float64) {
	fmt.Fprintf(a, "M%d %dV%.1fh1V%d", i, tall, tall*(1-share), tall)
}

// replace puts text in place of a {i}.
func replace(format string, i int, text string) string {
	return strings.ReplaceAll(format, "{"+strconv.Itoa(i)+"}", text)
}
