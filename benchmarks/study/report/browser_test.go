package report_test

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/advoware-go/advoware/benchmarks/study/report"
)

// The screenshots in benchmarks/docs are made by
//
//	go test ./study/report -run Browser -args -study=study.json -shots=../../docs
//
// in benchmarks, from the JSON of a study (paths are relative to study/report).
var (
	studyFile = flag.String("study", "", "study.json to show instead of the made-up study")
	shots     = flag.String("shots", "", "folder for screenshots")
)

// requireEnv turns the skip without a browser into a failure, if it is set to 1.
const requireEnv = "ADVOWARE_REQUIRE_CHROMIUM"

// The report is shown without a network, without an error, and with something drawn in
// each chart, in light and in dark.
func TestReportInABrowser(t *testing.T) {
	path := chromium(t)
	file := writeReport(t)
	ctx, cancel := chromedp.NewExecAllocator(t.Context(),
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.UserDataDir(t.TempDir()))
	defer cancel()
	browser, cancel := chromedp.NewContext(ctx)
	defer cancel()
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("the browser does not start: %v", err)
	}
	backgrounds := make(map[string]bool)
	for _, scheme := range []string{"light", "dark"} {
		t.Run(scheme, func(t *testing.T) { backgrounds[show(t, browser, file, scheme)] = true })
	}
	if len(backgrounds) != 2 {
		t.Errorf("light and dark have the same background: %v", backgrounds)
	}
}

// chromium returns the path of a Chromium.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv(requireEnv) == "1" {
		t.Fatalf("no Chromium on PATH, and %s=1 demands one", requireEnv)
	}
	t.Skipf("no Chromium on PATH: the report is not looked at in a browser (%s=1 makes this a failure)", requireEnv)
	return ""
}

func writeReport(t *testing.T) string {
	t.Helper()
	s := example(t)
	if *studyFile != "" {
		in, err := os.Open(*studyFile)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		if s, err = report.ReadJSON(in); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "report.html")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := s.WriteHTML(out); err != nil {
		t.Fatal(err)
	}
	return file
}

// show shows a file in one of the colour schemes, complains of what is wrong with it
// and returns the colour of its background.
func show(t *testing.T, browser context.Context, file, scheme string) (background string) {
	tab, cancel := chromedp.NewContext(browser)
	defer cancel()
	if err := chromedp.Do(tab); err != nil { // without a timeout, which would end the tab
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(tab, time.Minute)
	defer cancel()
	var seen complaints
	if err := chromedp.Listen(ctx, seen.listen); err != nil {
		t.Fatal(err)
	}
	err := chromedp.Do(ctx,
		chromedp.EmulateViewport(1280, 900), prefer(scheme),
		chromedp.Navigate((&url.URL{Scheme: "file", Path: file}).String()),
		chromedp.WaitReady(chromedp.CSS("html[data-drawn]")),
	)
	if err != nil {
		t.Fatal(err)
	}
	charts := evaluate[[]chartSeen](t, ctx, `[...document.querySelectorAll(".chart")].map(c => ({
		id: c.id, paths: c.querySelectorAll("svg path").length,
		texts: [...c.querySelectorAll("svg text")].map(t => t.textContent),
		strokes: [...new Set([...c.querySelectorAll("svg path")].map(p => p.getAttribute("stroke")).filter(Boolean))],
	}))`)
	if len(charts) == 0 {
		t.Error("there is no chart")
	}
	for _, c := range charts {
		if c.Paths < 5 || len(c.Texts) < 3 || len(c.Strokes) < 2 {
			t.Errorf("chart %s is empty: %+v", c.ID, c)
		}
		units := strings.HasPrefix(c.ID, "lanes-") || slices.ContainsFunc(c.Texts, func(text string) bool { return strings.HasSuffix(text, " ms") })
		if text := strings.Join(c.Texts, " "); !units || strings.Contains(text, "NaN") || strings.Contains(text, "undefined") || strings.Contains(text, "@") {
			t.Errorf("chart %s says %s", c.ID, text)
		}
	}
	if evaluate[bool](t, ctx, `document.documentElement.scrollWidth > innerWidth`) {
		t.Error("the page is wider than the window")
	}
	if *shots != "" {
		shoot(t, ctx, filepath.Join(*shots, "study-"+scheme+".png"))
	}
	background = evaluate[string](t, ctx, `getComputedStyle(document.body).backgroundColor`)
	use(t, ctx)
	for _, c := range seen.list() {
		t.Error(c)
	}
	return background
}

func prefer(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}

func evaluate[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// use uses everything that can be used: whatever breaks is an error on the console.
func use(t *testing.T, ctx context.Context) {
	t.Helper()
	click := func(selector string) {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
			t.Fatal(err)
		}
	}
	click(`[data-figure="p99"]`)
	if got := evaluate[string](t, ctx, `document.querySelector('.switch [aria-pressed="true"]').dataset.figure`); got != "p99" {
		t.Errorf("after a click on p99 %q is shown", got)
	}
	for _, want := range []string{"light", "dark", "light dark"} {
		click("#theme")
		if got := evaluate[string](t, ctx, `document.documentElement.style.colorScheme`); got != want {
			t.Errorf("after a click on the colours the scheme is %q, not %q", got, want)
		}
	}
	tips := evaluate[string](t, ctx, `[...document.querySelectorAll(".chart")].map(c => {
		const i = echarts.getInstanceByDom(c);
		for (const s of i.getOption().series.keys()) i.dispatchAction({ type: "showTip", seriesIndex: s, dataIndex: 1 });
		return c.innerText;
	}).join(" ")`)
	if strings.Contains(tips, "NaN") || strings.Contains(tips, "undefined") {
		t.Errorf("tool tips say %s", tips)
	}
}

// chartSeen is what a browser has made of a chart.
type chartSeen struct {
	ID      string   `json:"id"`
	Paths   int      `json:"paths"`
	Texts   []string `json:"texts"`
	Strokes []string `json:"strokes"`
}

// complaints are errors on the console and requests for anything but the file itself.
type complaints struct {
	mu  sync.Mutex
	all []string
}

func (c *complaints) listen(ev any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		c.all = append(c.all, fmt.Sprintf("exception: %s %+v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		for _, a := range e.Args {
			c.all = append(c.all, fmt.Sprintf("console: %s: %s", e.Type, a.Value))
		}
	case *log.EventEntryAdded:
		c.all = append(c.all, fmt.Sprintf("log: %s: %s", e.Entry.Level, e.Entry.Text))
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasSuffix(u, "/report.html") && !strings.HasPrefix(u, "data:") {
			c.all = append(c.all, "request: "+u)
		}
	}
}

func (c *complaints) list() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all
}

// shoot takes a picture of the page from its top down to the end of the second
// scenario.
func shoot(t *testing.T, ctx context.Context, file string) {
	t.Helper()
	height := evaluate[float64](t, ctx, `(document.querySelectorAll("section[id]")[1] || document.body).getBoundingClientRect().bottom + 20`)
	var png []byte
	err := chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		shot, err := cdp.Call(ctx, t, page.CaptureScreenshot, page.CaptureScreenshotParams{
			CaptureBeyondViewport: new(true), Clip: &page.Viewport{Width: 1280, Height: height, Scale: 1},
		})
		png = shot.Data
		return err
	}))
	if err == nil {
		err = os.WriteFile(file, png, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
