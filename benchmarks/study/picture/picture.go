// Package picture draws the curves of a study as an SVG, for a document: it needs no
// script, no font and no network, as a report does. All of it is for one goroutine at a time
// for each Study, and changes nothing. See ARCHITECTURE.md for what is measured here.
package picture

import (
	"bytes"
	_ "embed" // the picture
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/template"

	"github.com/advoware-go/advoware/benchmarks/study/report"
)

var (
	//go:embed picture.svg
	pictureSVG string

	pictures = template.Must(template.New("picture").Funcs(template.FuncMap{
		"text": escaped, "hue": report.Hue, "px": px,
	}).Parse(pictureSVG))
)

// Sizes in the picture, in pixels of a page on which it is not scaled.
const (
	pictureWidth = 836 // of 860, with a margin of 12 on both sides
	legendTop    = 40
	legendRow    = 19
	legendLine   = 20 // the line before a name
	panelGap     = 18
)

// picture is what an SVG is made from.
type picture struct {
	*report.Study
	Colours map[string]string
	Height  float64
	Foot    float64 // where the machine stands
	Legend  []sign
	Fails   *sign // what a bar means, if there are any
	Panels  []panel
}

// sign is something with a name at a place.
type sign struct {
	X, Y, Width float64
	Name        string
	Store       int // the place of the store, which gives it its colour
}

// Write writes the slowest call of each instant, in a panel for each scenario, as one
// picture.
func Write(w io.Writer, s *report.Study, scheme report.Scheme) error {
	p := picture{Study: s, Colours: report.Colours(scheme)}
	stores, failed := storesOf(s)
	bottom := p.legend(stores, failed)
	scenarios, axis := byScenario(s, stores), newLatencies(s.Runs)
	columns := min(2, max(1, len(scenarios)))
	width := float64(pictureWidth-panelGap*(columns-1)) / float64(columns)
	y := bottom + panelGap
	for row := range slices.Chunk(scenarios, columns) {
		rows := 0 // as many labels for all, so that the plots are in line
		for _, runs := range row {
			rows = max(rows, newPanel(runs, axis, 0, 0, width, 0).Rows)
		}
		for i, runs := range row {
			p.Panels = append(p.Panels, newPanel(runs, axis, float64(i)*(width+panelGap), y, width, rows))
		}
		y = p.Panels[len(p.Panels)-1].End + panelGap
	}
	p.Foot, p.Height = y+4, y+18
	var out bytes.Buffer
	if err := pictures.Execute(&out, p); err != nil {
		return fmt.Errorf("picture: %w", err)
	}
	_, err := out.WriteTo(w)
	return err
}

// legend places the names of the stores, in as many rows as they need, and returns where it
// ends.
func (p *picture) legend(stores []string, failed bool) (bottom float64) {
	x, y := 0., float64(legendTop)
	place := func(name string) sign {
		width := legendLine + 32 + widthOf(name)
		if x > 0 && x+width > pictureWidth {
			x, y = 0, y+legendRow
		}
		s := sign{X: x, Y: y, Width: legendLine, Name: name}
		x += width
		return s
	}
	for i, name := range stores {
		s := place(name)
		s.Store = i
		p.Legend = append(p.Legend, s)
	}
	if failed {
		s := place("calls fail")
		p.Fails = &s
	}
	return y
}

// storesOf returns the names of all stores in the order of the report, and whether calls
// failed with one of them.
func storesOf(s *report.Study) (names []string, failed bool) {
	for _, r := range s.Runs {
		if !slices.Contains(names, r.Store) {
			names = append(names, r.Store)
		}
		failed = failed || r.Failed > 0
	}
	return names, failed
}

// placed is a run and the place of its store among all of the study.
type placed struct {
	report.Run
	Place int
}

// byScenario returns the runs of each scenario, in the order in which they were played.
func byScenario(s *report.Study, stores []string) (all [][]placed) {
	at := make(map[string]int)
	for _, r := range s.Runs {
		if _, known := at[r.Scenario]; !known {
			at[r.Scenario], all = len(all), append(all, nil)
		}
		runs := &all[at[r.Scenario]]
		*runs = append(*runs, placed{r, slices.Index(stores, r.Store)})
	}
	return all
}

// widthOf is how wide a text may be in the fonts that readers have.
func widthOf(text string) float64 { return 6.6 * float64(len([]rune(text))) }

// escaped is a text in XML. What XML cannot hold is replaced.
func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder takes everything
	return b.String()
}

// px writes a length, to a tenth of a pixel.
func px(length float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", length), ".0") }
