package report_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/advoware-go/advoware/benchmarks/study/report"
)

// many returns a study of two scenarios with n stores.
func many(t *testing.T, n int) *report.Study {
	t.Helper()
	s := example(t)
	models := []*report.Run{find(t, s, "cold", "memory"), find(t, s, "outage", "redis")}
	var runs []report.Run
	for _, m := range models {
		for i := range n {
			r := *m
			r.Store = fmt.Sprintf("some-store-%d", i)
			runs = append(runs, r)
		}
	}
	s.Runs = runs
	return s
}

// open shows a study in a tab of 1280 by 900.
func open(t *testing.T, s *report.Study) (ctx context.Context, seen *complaints) {
	t.Helper()
	ctx, seen, end := openTab(t, start(t))
	t.Cleanup(end)
	err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900),
		chromedp.Navigate((&url.URL{Scheme: "file", Path: writeReport(t, s)}).String()),
		chromedp.WaitReady(chromedp.CSS("html[data-drawn]")))
	if err != nil {
		t.Fatal(err)
	}
	return ctx, seen
}

// Every store has a colour, also where there are more stores than colours.
func TestEveryStoreHasAColour(t *testing.T) {
	for _, n := range []int{7, 13} {
		var text strings.Builder
		if err := many(t, n).WriteHTML(&text); err != nil {
			t.Fatal(err)
		}
		used := make(map[string]bool)
		for _, m := range regexp.MustCompile(`class="(?:key|hit) (c\d+)"|"@(c\d+)"`).FindAllStringSubmatch(text.String(), -1) {
			used[m[1]+m[2]] = true
		}
		for name := range used {
			if !strings.Contains(text.String(), "--"+name+": light-dark(") || !strings.Contains(text.String(), "."+name+" { background: var(--"+name+"); }") {
				t.Errorf("of %d stores one has the colour %s, which there is not", n, name)
			}
		}
		if len(used) != min(n, 10) {
			t.Errorf("%d stores have %d colours", n, len(used))
		}
	}
}

// However many stores there are, nothing reaches out of a cell or the page, in wide and
// in narrow windows, and the colours are visible.
func TestManyStoresInABrowser(t *testing.T) {
	for _, n := range []int{5, 13} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			ctx, seen := open(t, many(t, n))
			for _, width := range []int64{1280, 1000, 880} {
				if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900)); err != nil {
					t.Fatal(err)
				}
				for _, wrong := range inTheEnd(t, ctx, `(() => {
				const wrong = [], box = (e) => e.getBoundingClientRect();
				if (document.documentElement.scrollWidth > innerWidth) wrong.push("the page");
				for (const e of document.querySelectorAll(".scroll"))
					if ((e.scrollWidth > e.clientWidth) !== (e.previousElementSibling.offsetHeight > 0)) wrong.push(e.className + " has no hint, or one too many");
				for (const td of document.querySelectorAll(".matrix td"))
					for (const e of td.querySelectorAll("*"))
						if (box(e).right > box(td).right + 1 || box(e).bottom > box(td).bottom + 1) wrong.push(e.className + " " + e.innerText);
				for (const e of document.querySelectorAll(".key, .hit"))
					if (getComputedStyle(e).backgroundColor === "rgba(0, 0, 0, 0)") wrong.push(e.className + " has no colour");
				return [...new Set(wrong)];
			})()`) {
					t.Errorf("in a window of %d: %s", width, wrong)
				}
			}
			if colours := evaluate[int](t, ctx, `new Set([...document.querySelectorAll(".key")].map((e) => getComputedStyle(e).backgroundColor)).size`); colours != min(n, 10) {
				t.Errorf("%d stores have %d colours", n, colours)
			}
			narrow(t, ctx)
			for _, c := range seen.list() {
				t.Error(c)
			}
		})
	}
}

// inTheEnd returns what a script still finds wrong when the page has had time to hear of
// the size of its window.
func inTheEnd(t *testing.T, ctx context.Context, script string) (wrong []string) {
	t.Helper()
	for range 250 {
		if wrong = evaluate[[]string](t, ctx, script); len(wrong) == 0 {
			return nil
		}
		<-time.After(20 * time.Millisecond)
	}
	return wrong
}

// line returns the points of one line of a chart.
func line(t *testing.T, s *report.Study, chart, id string) [][2]*float64 {
	t.Helper()
	var text strings.Builder
	if err := s.WriteHTML(&text); err != nil {
		t.Fatal(err)
	}
	_, found, _ := strings.Cut(text.String(), `id="charts">`)
	found, _, _ = strings.Cut(found, "</script>")
	var all map[string]struct {
		Series []struct {
			ID   string          `json:"id"`
			Data json.RawMessage `json:"data"`
		}
	}
	if err := json.Unmarshal([]byte(found), &all); err != nil {
		t.Fatal(err)
	}
	for _, series := range all[chart].Series {
		if series.ID == id {
			var points [][2]*float64
			if err := json.Unmarshal(series.Data, &points); err != nil {
				t.Fatal(err)
			}
			return points
		}
	}
	t.Fatalf("%s has no %s", chart, id)
	return nil
}

// gaps returns where a line is interrupted.
func gaps(points [][2]*float64) (at []float64) {
	for _, p := range points {
		if p[1] == nil {
			at = append(at, *p[0])
		}
	}
	return at
}

// Where no call was due, because the rate is low, a line goes on; where all failed it has
// a gap, and a point between two gaps is a dot.
func TestLinesOverTime(t *testing.T) {
	s := example(t)
	s.Runs = []report.Run{*find(t, s, "steady", "memory")}
	r := &s.Runs[0]
	r.Slot, r.Slots = 100*time.Millisecond, make([]report.Slot, 60)
	for i := range r.Slots {
		if i%5 == 0 { // two calls a second
			r.Slots[i] = report.Slot{Calls: 1, P50: 1000, P99: 1000, Max: 1000, Hits: 1}
		}
	}
	for _, name := range [][2]string{{"timeline-steady", "max/memory"}, {"hits-steady", "hits/memory"}} {
		if points := line(t, s, name[0], name[1]); len(points) != 12 || gaps(points) != nil {
			t.Errorf("%s has %d points and gaps at %v", name[1], len(points), gaps(points))
		}
	}
	r.Slots[25], r.Slots[35] = report.Slot{Failed: 1, Waits: 1}, report.Slot{Failed: 1} // around 30
	if got := gaps(line(t, s, "timeline-steady", "p50/memory")); !slices.Equal(got, []float64{2.55, 3.55}) {
		t.Errorf("gaps at %v", got)
	}
	hits := line(t, s, "hits-steady", "hits/memory")
	if got := gaps(hits); !slices.Equal(got, []float64{3.55}) || *hits[5][1] != 0 || *hits[4][1] != 100 {
		t.Errorf("gaps in the hit rate at %v, which is %v and %v", got, *hits[4][1], *hits[5][1])
	}
	t.Run("in a browser", func(t *testing.T) {
		ctx, seen := open(t, s)
		const dots = `[...document.querySelectorAll("#timeline-steady svg path")].filter((p) => p.getAttribute("d").includes("A1 1") && p.getBoundingClientRect().width > 3).length`
		if got := evaluate[int](t, ctx, dots); got != 1 {
			t.Errorf("%d dots; want 1", got)
		}
		for _, c := range seen.list() {
			t.Error(c)
		}
	})
}

// Files that are older than the hit rate over time are shown without it.
func TestNoHitRateOverTime(t *testing.T) {
	s := example(t)
	for _, r := range s.Runs {
		for i := range r.Slots {
			r.Slots[i].Hits, r.Slots[i].Waits = 0, 0
		}
	}
	if _, page := texts(t, s); strings.Contains(page, `id="hits-`) || !strings.Contains(page, "a hit rate of ") {
		t.Error("a chart of nothing is shown, or the overview lacks the hit rate")
	}
}
