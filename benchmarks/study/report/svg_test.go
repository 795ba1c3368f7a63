package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/advoware-go/advoware/benchmarks/study/event"
	"github.com/advoware-go/advoware/benchmarks/study/report"
)

func drawn(t *testing.T, s *report.Study, scheme report.Scheme) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.WriteSVG(&b, scheme); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// textsOf returns the texts of a picture, and fails if it is not XML.
func textsOf(t *testing.T, svg string) []string {
	t.Helper()
	var all []string
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		if text, ok := token.(xml.CharData); ok && strings.TrimSpace(string(text)) != "" {
			all = append(all, string(text))
		}
	}
}

var anyColour = regexp.MustCompile(`#[0-9a-f]{6}\b`)

// The two pictures of a study differ in their colours, all of which are the page's.
func TestPictures(t *testing.T) {
	s := example(t)
	light, dark := drawn(t, s, report.Light), drawn(t, s, report.Dark)
	if light == dark || anyColour.ReplaceAllString(light, "") != anyColour.ReplaceAllString(dark, "") {
		t.Error("light and dark differ in something else than their colours")
	}
	all := strings.Join(textsOf(t, light), "\n")
	for _, want := range []string{"memory", "redis", "tiered", "calls fail", "Redis is killed", "Redis started, empty", "6 s", "1 ms", s.Machine.Line()} {
		if !strings.Contains(all, want) {
			t.Errorf("the picture does not say %q:\n%s", want, all)
		}
	}
	for _, bad := range []string{"NaN", "Inf", "<no value>", `""`, "http://www.w3.org/1999", "href"} {
		if strings.Contains(light, bad) {
			t.Errorf("the picture has %s", bad)
		}
	}
}

// Where calls were due and none succeeded, a line has a gap; where they fail, there is a bar.
func TestPictureShowsFailures(t *testing.T) {
	s := example(t)
	s.Runs = []report.Run{*find(t, s, "outage", "redis"), *find(t, s, "outage", "tiered")}
	curve := regexp.MustCompile(`<path class="curve" stroke="#[0-9a-f]+" d="(M[^"]+L[^"]+)"`)
	lines := curve.FindAllStringSubmatch(drawn(t, s, report.Light), -1)
	if len(lines) != 2 || strings.Count(lines[0][1], "M") != 2 || strings.Count(lines[1][1], "M") != 1 {
		t.Errorf("%d lines, want one with a gap and one without: %q", len(lines), lines)
	}
	if n := strings.Count(drawn(t, s, report.Light), `height="5"`); n != 2 {
		t.Errorf("%d bars, want the one in the legend and one over the failures", n)
	}
}

// What was measured by others is XML too, whatever it is.
func TestPictureOfAnything(t *testing.T) {
	for name, change := range map[string]func(*report.Study){
		"nothing": func(s *report.Study) { s.Runs = nil },
		"names": func(s *report.Study) {
			for i := range s.Runs {
				r := &s.Runs[i]
				r.Title, r.Scenario = "</text><script>alert(1)</script>\x01\xff&", "<"+r.Scenario
				r.Events = append(r.Events, event.Event{Kind: event.Scene, At: -1, Text: `"<&\x00`}, event.Event{Kind: event.Scene, At: 1 << 62, Text: "late"})
			}
		},
		"no call":  func(s *report.Study) { s.Runs = s.Runs[:1]; clear(s.Runs[0].Slots) },
		"no slots": func(s *report.Study) { s.Runs = s.Runs[:1]; s.Runs[0].Slots = nil },
		"a moment": func(s *report.Study) { s.Runs = s.Runs[:1]; s.Runs[0].Duration = 1 },
		"a lifetime": func(s *report.Study) {
			s.Runs = s.Runs[:1]
			s.Runs[0].Duration = 1<<63 - 1
			s.Runs[0].Slots[0].Max = 1<<63 - 1
		},
		"the past": func(s *report.Study) { s.Runs = s.Runs[:1]; s.Runs[0].Slots[0].Max = -5 },
	} {
		t.Run(name, func(t *testing.T) {
			s := example(t)
			change(s)
			svg := drawn(t, s, report.Dark)
			for _, text := range textsOf(t, svg) {
				if strings.Contains(text, "NaN") {
					t.Error(text)
				}
			}
			if strings.Contains(svg, "<script") || strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
				t.Error(svg)
			}
		})
	}
}

// In a browser no text of a picture lies on another one or reaches out of the picture, nor
// in those of the documents.
func TestPicturesInABrowser(t *testing.T) {
	browser := start(t)
	files, err := filepath.Glob("../../../docs/pictures/*.svg")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d pictures, %v", len(files), err)
	}
	made := filepath.Join(t.TempDir(), "curves.svg")
	if err := os.WriteFile(made, []byte(drawn(t, example(t), report.Light)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, made) {
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
