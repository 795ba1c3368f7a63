package report_test

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// The screenshots in benchmarks/docs are made by
//
//	go test ./study/report -run Browser -args -study=study.json -shots=../../docs
//
// in benchmarks, from the JSON of a study (paths are relative to study/report).
var (
	studyFile = flag.String("study", "", "study.json to show instead of the made-up study")
	shots     = flag.String("shots", "", "folder for screenshots")
	scene     = flag.String("scene", "outage", "scenario on the screenshots")
)

// shoot takes a picture that can be read where it is embedded, the overview and the time
// line of one scenario, and one of the whole page.
func shoot(t *testing.T, ctx context.Context, scheme string) {
	t.Helper()
	if scheme == "light" {
		capture(t, ctx, "study-full.png", evaluate[page.Viewport](t, ctx, `({ width: 1280, height: document.body.getBoundingClientRect().bottom, scale: 1 })`))
	}
	clip := evaluate[page.Viewport](t, ctx, `(() => {
		const shown = document.getElementById("`+*scene+`");
		for (const e of document.querySelectorAll("section[id]")) e.style.display = e === shown ? "" : "none";
		for (const e of shown.querySelectorAll(".story, .look, .chips, .sub")) e.style.display = "none";
		shown.querySelector(".timeline").style.height = "260px";
		dispatchEvent(new Event("resize"));
		const top = document.querySelector(".matrix").closest("section").getBoundingClientRect().top - 16;
		return { y: top, width: 1280, height: shown.querySelector(".columns").getBoundingClientRect().top - top, scale: 1 };
	})()`)
	capture(t, ctx, "study-"+scheme+".png", clip)
	if err := chromedp.Do(ctx, chromedp.Reload(), chromedp.WaitReady(chromedp.CSS("html[data-drawn]"))); err != nil {
		t.Fatal(err)
	}
}

// capture writes a part of what the page shows.
func capture(t *testing.T, ctx context.Context, name string, clip page.Viewport) {
	t.Helper()
	err := chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		shot, err := cdp.Call(ctx, t, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: new(true), Clip: &clip})
		if err != nil {
			return err
		}
		picture, err := png.Decode(bytes.NewReader(shot.Data))
		if err != nil {
			return err
		}
		var small bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, indexed(picture)); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(*shots, name), small.Bytes(), 0o644)
	}))
	if err != nil {
		t.Fatal(err)
	}
}

// indexed returns a picture with its 256 most frequent colours, which for a page are
// nearly all, in a third of the space.
func indexed(picture image.Image) *image.Paletted {
	bounds := picture.Bounds()
	counts := make(map[color.RGBA]int)
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA) }
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			counts[at(x, y)]++
		}
	}
	frequent := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int { return cmp.Compare(counts[b], counts[a]) })
	var palette color.Palette
	for _, c := range frequent[:min(256, len(frequent))] {
		palette = append(palette, c)
	}
	nearest := make(map[color.RGBA]uint8)
	for _, c := range frequent {
		nearest[c] = uint8(palette.Index(c))
	}
	out := image.NewPaletted(bounds, palette)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			out.SetColorIndex(x, y, nearest[at(x, y)])
		}
	}
	return out
}
