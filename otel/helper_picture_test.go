package advowareotel_test

import (
	"fmt"
	"html"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
)

// panel is one of the dashboard, to be drawn.
type panel struct {
	Title       string
	Column, Row int
	curves      []curve
}

type curve struct {
	name   string
	points [][2]float64 // minute and value
	most   float64
}

func (p *panel) add(name string, l line, begin time.Time) {
	c := curve{name: name}
	for _, v := range l.Values {
		at, _ := number(v[0])
		value, ok := number(v[1])
		if !ok {
			continue
		}
		c.points = append(c.points, [2]float64{(at - float64(begin.Unix())) / 60, value})
		c.most = max(c.most, value)
	}
	p.curves = append(p.curves, c)
}

type palette struct {
	back, ink, soft, grid string
	lines                 []string
}

var (
	light = palette{"#ffffff", "#1b2129", "#5b6572", "#e4e8ed", []string{"#2463c9", "#c9560a", "#1d7f4e", "#8a3b7a", "#a06a00"}}
	dark  = palette{"#14181d", "#e6e9ed", "#9aa5b1", "#2b323a", []string{"#7aa9f7", "#f0a060", "#66c79a", "#d794c9", "#e0c060"}}
)

const (
	wide, high       = 300.0, 170.0 // of a panel
	left, top        = 44.0, 42.0   // of its plot
	plotWide, plotHi = 244.0, 92.0
	mostCurves       = 5 // with a line in the legend
)

var title = regexp.MustCompile(`<text class="head"[^>]*>([^<]*)</text>`)

func panelTitles(svg string) string { return fmt.Sprint(title.FindAllStringSubmatch(svg, -1)) }

// draw draws the panels as an SVG: those curves that are not zero all the time.
func draw(panels []panel, begin, end time.Time, c palette) string {
	rows := 0
	for _, p := range panels {
		rows = max(rows, p.Row+1)
	}
	var b strings.Builder
	w, h := 3*wide+16, float64(rows)*high+16
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img" aria-labelledby="title desc">
<title id="title">The dashboard for Advoware clients</title>
<desc id="desc">Its panels over six hours: a revocation, an outage of the far store, an outage of the gateway until the token has ended, an endpoint that answers 401, a wrong password.</desc>
<style>
text { font: 10px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; fill: %s }
.head { font-size: 12px; font-weight: 600; fill: %s }
.end { text-anchor: end }
.mid { text-anchor: middle }
.grid { stroke: %s }
.curve { fill: none; stroke-width: 1.5; stroke-linejoin: round }
</style>
<rect width="%.0f" height="%.0f" rx="8" fill="%s"/>
`, w, h, w, h, c.soft, c.ink, c.grid, w, h, c.back)
	for _, p := range panels {
		p.draw(&b, end.Sub(begin).Minutes(), begin, c)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (p panel) draw(b *strings.Builder, minutes float64, begin time.Time, c palette) {
	fmt.Fprintf(b, `<g transform="translate(%.0f %.0f)">`+"\n"+`<text class="head" x="%.0f" y="18">%s</text>`+"\n",
		8+float64(p.Column)*wide, 8+float64(p.Row)*high, left, html.EscapeString(p.Title))
	most := 0.0
	shown := slices.DeleteFunc(slices.Clone(p.curves), func(c curve) bool { return c.most == 0 })
	slices.SortStableFunc(shown, func(a, b curve) int { return strings.Compare(a.name, b.name) })
	shown = shown[:min(len(shown), mostCurves)]
	for _, c := range shown {
		most = max(most, c.most)
	}
	most = round(most)
	for i := range 3 {
		y := top + plotHi*float64(i)/2
		fmt.Fprintf(b, `<path class="grid" d="M%.0f,%.0f h%.0f"/><text class="end" x="%.0f" y="%.0f">%s</text>`+"\n",
			left, y, plotWide, left-5, y+4, short(most*float64(2-i)/2))
	}
	for hour := 1.0; hour*60 < minutes; hour += 2 {
		fmt.Fprintf(b, `<text class="mid" x="%.0f" y="%.0f">%s</text>`, left+plotWide*hour*60/minutes, top+plotHi+14, begin.Add(time.Duration(hour)*time.Hour).Format("15:04"))
	}
	x := left
	for i, curve := range shown {
		colour := c.lines[i%len(c.lines)]
		fmt.Fprintf(b, "\n"+`<path class="curve" stroke="%s" d="%s"/>`, colour, path(curve.points, minutes, most))
		name := strings.TrimSuffix(strings.TrimSpace(strings.ReplaceAll(curve.name, "host:9464", "")), ":")
		room := 16 + 5.5*float64(len(name)) + 8
		if x+room > wide+6 || name == "" {
			continue
		}
		fmt.Fprintf(b, `<path stroke="%s" stroke-width="2" d="M%.0f,30 h10"/><text x="%.0f" y="33.5">%s</text>`, colour, x, x+14, html.EscapeString(name))
		x += room
	}
	b.WriteString("\n</g>\n")
}

func path(points [][2]float64, minutes, most float64) string {
	var b strings.Builder
	last := -1e9
	for _, p := range points {
		op := byte('L')
		if p[0]-last > 5 {
			op = 'M'
		}
		last = p[0]
		fmt.Fprintf(&b, "%c%.0f,%.0f", op, left+plotWide*p[0]/minutes, top+plotHi*(1-p[1]/most))
	}
	return b.String()
}

// round returns the end of a scale up to v.
func round(v float64) float64 {
	if v <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, n := range []float64{1, 2, 4, 6, 10} {
		if v <= n*unit*1.0001 {
			return n * unit
		}
	}
	return v
}

func short(v float64) string {
	switch {
	case v >= 1000:
		return fmt.Sprintf("%gk", math.Round(v/100)/10)
	default:
		return fmt.Sprintf("%g", math.Round(v*1000)/1000)
	}
}
