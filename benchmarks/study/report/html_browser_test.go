package report_test

import (
	"context"
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
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/advoware-go/advoware/benchmarks/study/report"
)

// requireEnv turns the skip without a browser into a failure, if it is set to 1.
const requireEnv = "ADVOWARE_REQUIRE_CHROMIUM"

// The report is shown without a network, without an error, and with something drawn in
// each chart, in light and in dark.
func TestReportInABrowser(t *testing.T) {
	browser := start(t)
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
	file := writeReport(t, s)
	backgrounds := make(map[string]bool)
	for _, scheme := range []string{"light", "dark"} {
		t.Run(scheme, func(t *testing.T) { backgrounds[show(t, browser, file, scheme)] = true })
	}
	if len(backgrounds) != 2 {
		t.Errorf("light and dark have the same background: %v", backgrounds)
	}
}

// A study that was broken off before any call had ended is shown too.
func TestEmptyReportInABrowser(t *testing.T) {
	s := example(t)
	s.Runs = s.Runs[:1]
	r := &s.Runs[0]
	r.Latency, r.Uncorrected, r.Lag, r.Partial = r.Failures, r.Failures, r.Failures, true
	r.Done, r.Unfinished = 0, r.Planned
	for i := range r.Slots {
		r.Slots[i] = report.Slot{}
	}
	ctx, seen, end := openTab(t, start(t))
	defer end()
	if err := chromedp.Do(ctx, chromedp.Navigate((&url.URL{Scheme: "file", Path: writeReport(t, s)}).String())); err != nil {
		t.Fatal(err)
	}
	if got := evaluate[string](t, ctx, `document.documentElement.dataset.drawn || "not"`); got != "3" {
		t.Errorf("%s drawn; want 3 charts", got)
	}
	for _, c := range seen.list() {
		t.Error(c)
	}
}

// browsers are ended when all tests are.
var (
	browsers sync.Mutex
	browser  context.Context
	endAll   []func()
)

func TestMain(m *testing.M) {
	status := m.Run()
	for _, end := range slices.Backward(endAll) {
		end()
	}
	os.Exit(status)
}

// start returns a browser, which all tests share: to start one takes as long as most of them,
// and each opens a tab of its own.
func start(t *testing.T) context.Context {
	t.Helper()
	path := chromium(t)
	browsers.Lock()
	defer browsers.Unlock()
	if browser != nil {
		return browser
	}
	profile, err := os.MkdirTemp("", "browser")
	if err != nil {
		t.Fatal(err)
	}
	endAll = append(endAll, func() { _ = os.RemoveAll(profile) })
	ctx, cancel := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.UserDataDir(profile))
	endAll = append(endAll, cancel)
	started, cancel := chromedp.NewContext(ctx)
	endAll = append(endAll, cancel)
	if err := chromedp.Do(started); err != nil {
		t.Fatalf("the browser does not start: %v", err)
	}
	browser = started
	return browser
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

func writeReport(t *testing.T, s *report.Study) string {
	t.Helper()
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

// openTab opens a tab for a minute, until end is called, and takes its complaints.
func openTab(t *testing.T, browser context.Context) (ctx context.Context, seen *complaints, end func()) {
	t.Helper()
	tab, closeTab := chromedp.NewContext(browser)
	ctx, cancel := context.WithTimeout(tab, time.Minute)
	end = func() { cancel(); closeTab() }
	seen = new(complaints)
	err := chromedp.Do(tab) // without the timeout, which would end the tab
	if err == nil {
		err = chromedp.Listen(ctx, seen.listen)
	}
	if err != nil {
		end()
		t.Fatal(err)
	}
	return ctx, seen, end
}

// show shows a file in one of the colour schemes, complains of what is wrong with it
// and returns the colour of its background.
func show(t *testing.T, browser context.Context, file, scheme string) (background string) {
	ctx, seen, end := openTab(t, browser)
	defer end()
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
		if c.Paths < 5 || len(c.Texts) < 2 || len(c.Strokes) < 2 {
			t.Errorf("chart %s is empty: %+v", c.ID, c)
		}
		if !strings.HasPrefix(c.ID, "lanes-") {
			titles := []string{"time", "latency (log)"}
			if strings.HasPrefix(c.ID, "percentiles-") {
				titles[0] = "calls not slower than"
			} else if strings.HasPrefix(c.ID, "hits-") {
				titles = []string{"hit rate", "100 %"}
			}
			if !slices.Contains(c.Texts, titles[0]) || !slices.Contains(c.Texts, titles[1]) {
				t.Errorf("chart %s does not say what its axes show: %q", c.ID, c.Texts)
			}
		}
		if c.ID == "lanes-fleet" && *studyFile == "" && !slices.Contains(c.Texts, "×4") {
			t.Errorf("four token requests at one instant are not told from one: %q", c.Texts)
		}
		units := strings.HasPrefix(c.ID, "lanes-") || strings.HasPrefix(c.ID, "hits-") || slices.ContainsFunc(c.Texts, func(text string) bool { return strings.HasSuffix(text, " ms") })
		if text := strings.Join(c.Texts, " "); !units || strings.Contains(text, "NaN") || strings.Contains(text, "undefined") || strings.Contains(text, "@") {
			t.Errorf("chart %s says %s", c.ID, text)
		}
	}
	if evaluate[bool](t, ctx, `document.documentElement.scrollWidth > innerWidth`) {
		t.Error("the page is wider than the window")
	}
	if *shots != "" {
		shoot(t, ctx, scheme)
	}
	narrow(t, ctx)
	background = evaluate[string](t, ctx, `getComputedStyle(document.body).backgroundColor`)
	use(t, ctx)
	for _, c := range seen.list() {
		t.Error(c)
	}
	return background
}

// narrow shows the page on a window as narrow as a telephone: what does not fit there can
// be scrolled and says so, and nothing lies on top of something else.
func narrow(t *testing.T, ctx context.Context) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(500, 900)); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range inTheEnd(t, ctx, `(() => {
		const wrong = [], box = (e) => e.getBoundingClientRect();
		if (document.documentElement.scrollWidth > innerWidth) wrong.push("the page");
		for (const e of document.querySelectorAll(".matrix td, .matrix th, .pair span, .legend li")) if (box(e).right > innerWidth - 12) wrong.push(e.className + " " + e.innerText);
		for (const e of document.querySelectorAll(".scroll")) {
			const hint = e.previousElementSibling;
			if (e.scrollWidth > e.clientWidth && !(hint.matches(".swipe") && hint.offsetHeight > 0)) wrong.push("a table without a hint");
		}
		for (const e of document.querySelectorAll(".lanes")) {
			const last = Math.max(...[...e.querySelectorAll("svg path")].map((p) => box(p).bottom));
			if (last > box(e.nextElementSibling).top + 1) wrong.push(e.id + " reaches into its legend");
		}
		return wrong;
	})()`) {
		t.Errorf("in a narrow window: %s", wrong)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil {
		t.Fatal(err)
	}
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
