package report_test

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/advoware-go/advoware/benchmarks/study/picture"
	"github.com/advoware-go/advoware/benchmarks/study/report"
)

// In a browser no text of a picture lies on another one or reaches out of the picture, nor
// in those of the documents.
func TestPicturesInABrowser(t *testing.T) {
	browser := start(t)
	files, err := filepath.Glob("../../../docs/pictures/*.svg")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d pictures, %v", len(files), err)
	}
	var svg bytes.Buffer
	if err := picture.Write(&svg, example(t), report.Light); err != nil {
		t.Fatal(err)
	}
	six := filepath.Join(t.TempDir(), "six.svg")
	if err := os.WriteFile(six, svg.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, six) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			path, err := filepath.Abs(file)
			if err != nil {
				t.Fatal(err)
			}
			ctx, _, end := openTab(t, browser)
			defer end()
			if err := chromedp.Do(ctx, chromedp.EmulateViewport(900, 700), chromedp.Navigate((&url.URL{Scheme: "file", Path: path}).String())); err != nil {
				t.Fatal(err)
			}
			for _, wrong := range evaluate[[]string](t, ctx, `(() => {
				const wrong = [], all = [...document.querySelectorAll("text")], box = (e) => e.getBoundingClientRect();
				const svg = box(document.documentElement), name = (e) => JSON.stringify(e.textContent);
				if (all.length < 10) wrong.push("only " + all.length + " texts");
				all.forEach((a, i) => {
					const p = box(a);
					if (p.left < svg.left || p.right > svg.right || p.top < svg.top || p.bottom > svg.bottom) wrong.push(name(a) + " reaches out of the picture");
					for (const b of all.slice(i + 1)) {
						const q = box(b);
						if (p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 4 && q.top < p.bottom - 4) wrong.push(name(a) + " lies on " + name(b));
					}
					for (const r of document.querySelectorAll("rect.box, rect.near, rect.far, rect.away")) {
						const q = box(r);
						if (p.left < q.right && q.left < p.right && p.top < q.bottom && q.top < p.bottom && (p.left < q.left || p.right > q.right)) wrong.push(name(a) + " reaches out of its box");
					}
				});
				return wrong;
			})()`) {
				t.Error(wrong)
			}
		})
	}
}
