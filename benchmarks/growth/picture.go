package growth

import (
	_ "embed" // the picture
	"fmt"
	"io"
	"math"
	"strings"
	"text/template"
)

//go:embed picture.svg
var pictureSVG string

var pictures = template.Must(template.New("growth").Funcs(template.FuncMap{"px": px}).Parse(pictureSVG))

// Sizes, in pixels.
const (
	plotLeft, plotRight, plotTop, plotBottom = 72, 690, 48, 318
)

// mark is a name at a place.
type mark struct {
	X, Y float64
	Name string
}

type curve struct {
	Path   string
	Colour int
	End    mark
}

// WritePicture writes the CPU of Redis by tenants, a curve for each count of processes, with its limit,
// as an SVG that follows the colours of the reader's system.
func WritePicture(w io.Writer, costs []Cost, l Limits, machine string) error {
	if len(costs) == 0 {
		return fmt.Errorf("growth: there is nothing to draw")
	}
	first, last := float64(costs[0].Tenants), float64(costs[len(costs)-1].Tenants)
	lo, hi := math.Log10(first), math.Log10(max(last, 10*first))
	const least, most = -6.0, 2.0 // of a CPU, as powers of ten
	x := func(tenants float64) float64 {
		return plotLeft + (plotRight-plotLeft)*(math.Log10(tenants)-lo)/(hi-lo)
	}
	y := func(cpus float64) float64 {
		return plotBottom - (plotBottom-plotTop)*(min(most, max(least, math.Log10(cpus)))-least)/(most-least)
	}
	p := struct {
		Left, Right, Top, Bottom float64
		X, Y                     []mark
		Limit                    mark
		Curves                   []curve
		Machine                  string
	}{Left: plotLeft, Right: plotRight, Top: plotTop, Bottom: plotBottom, Limit: mark{plotLeft, y(l.Redis), "limit"}, Machine: xmlEscapes.Replace(machine)}
	for e := math.Ceil(lo); e <= hi+0.01; e++ {
		n := math.Pow(10, e)
		p.X = append(p.X, mark{x(n), plotBottom, count(int(n + 0.5))})
	}
	for e := least; e <= most; e += 2 {
		p.Y = append(p.Y, mark{plotLeft, y(math.Pow(10, e)), fmt.Sprintf("%g %%", math.Pow(10, e+2))})
	}
	for i, n := range Processes {
		var path strings.Builder
		var end mark
		for j, c := range costs {
			end = mark{x(float64(c.Tenants)), y(c.Of(n, l).Redis), count(n)}
			fmt.Fprintf(&path, "%c%s,%s", "ML"[min(j, 1)], px(end.X), px(end.Y))
		}
		p.Curves = append(p.Curves, curve{path.String(), i, end})
	}
	return pictures.Execute(w, p)
}

var xmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func px(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.1f", v), "0"), ".")
}
