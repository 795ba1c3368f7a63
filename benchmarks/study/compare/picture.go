package compare

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/advoware-go/advoware/benchmarks/study/report"
)

// Sizes in the picture, in pixels.
const (
	width, left, right = 860, 250, 640 // the axis is between left and right
	top, rowHeight     = 64, 20
)

// WritePicture draws the ratios and their intervals on a logarithmic axis, as an SVG that
// needs nothing else. A line at bound is drawn if it is above 0.
func (c *Comparison) WritePicture(w io.Writer, scheme report.Scheme, bound float64) error {
	colours := report.Colours(scheme)
	low, high := 0.5, 2.
	for _, r := range c.Rows {
		low, high = min(low, r.Low), max(high, r.High)
	}
	high = max(high, bound)
	x := func(ratio float64) float64 {
		return left + (right-left)*math.Log(ratio/low)/math.Log(high/low)
	}
	height := top + rowHeight*len(c.Rows) + 24
	var out bytes.Buffer
	text := func(x float64, y int, anchor, colour, s string) {
		fmt.Fprintf(&out, `<text x="%.1f" y="%d" text-anchor="%s" fill="%s">`, x, y, anchor, colours[colour])
		_ = xml.EscapeText(&out, []byte(s)) // a Buffer takes everything
		out.WriteString("</text>\n")
	}
	line := func(x1, y1, x2, y2 float64, colour string, wide float64) {
		fmt.Fprintf(&out, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="%g"/>`+"\n", x1, y1, x2, y2, colours[colour], wide)
	}
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%[1]d" height="%[2]d" role="img" font-family="system-ui, sans-serif" font-size="12">`+"\n", width, height)
	fmt.Fprintf(&out, `<title>Latency of the second version, in times that of the first</title><rect width="%d" height="%d" rx="8" fill="%s"/>`+"\n", width, height, colours["card"])
	text(12, 22, "start", "ink", fmt.Sprintf("Latency of the second version, in times that of the first (%d and %d rounds)", c.Rounds[0], c.Rounds[1]))
	bottom := float64(height - 20)
	for _, tick := range ticks(low, high) {
		line(x(tick), top-14, x(tick), bottom, "grid", 1)
		text(x(tick), top-18, "middle", "muted", strconv.FormatFloat(tick, 'g', 3, 64)+"×")
	}
	line(x(1), top-14, x(1), bottom, "ink", 1)
	if bound > 0 {
		line(x(bound), top-14, x(bound), bottom, "warn", 1.5)
	}
	last := ""
	for i, r := range c.Rows {
		y := top + rowHeight*i
		if name := r.Scenario + ", " + r.Store; name != last {
			text(12, y+4, "start", "ink", name)
			last = name
		}
		colour := map[Verdict]string{Slower: "bad", Faster: "good"}[r.Verdict]
		if colour == "" {
			colour = "muted"
		}
		text(left-12, y+4, "end", "muted", r.Figure)
		line(x(r.Low), float64(y), x(r.High), float64(y), colour, 3)
		fmt.Fprintf(&out, `<circle cx="%.1f" cy="%d" r="4" fill="%s"/>`+"\n", x(r.Ratio), y, colours[colour])
		text(right+12, y+4, "start", colour, fmt.Sprintf("%.3g (%.3g – %.3g) %s", r.Ratio, r.Low, r.High, r.Verdict))
	}
	out.WriteString("</svg>\n")
	_, err := out.WriteTo(w)
	return err
}

// ticks are round ratios from low to high, no more than fit.
func ticks(low, high float64) (all []float64) {
	for e := math.Floor(math.Log10(low)); e <= math.Ceil(math.Log10(high)); e++ {
		for _, m := range []float64{1, 2, 5} {
			if t := m * math.Pow(10, e); t >= low && t <= high {
				all = append(all, t)
			}
		}
	}
	for len(all) > 12 { // over many decades every other one is enough
		for i := range len(all) / 2 {
			all[i] = all[2*i]
		}
		all = all[:len(all)/2]
	}
	return all
}
