package monitor_test

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/browsertest"
	"github.com/advoware-go/advoware/monitor"
)

var shots = flag.String("shots", "", "a folder for pictures of the page: docs/pictures has two of them")

// A day of three offices, with all that can happen, is shown in a browser: in light and dark,
// wide and narrow, with nothing from elsewhere and no error.
func TestPageOfADayInABrowser(t *testing.T) {
	t.Parallel()
	var header http.Header
	var body string
	synctest.Test(t, func(t *testing.T) {
		answer := get(day(t), "/")
		header, body = answer.Header(), answer.Body.String()
	})
	if len(body) > 200_000 {
		t.Errorf("the page has %d bytes", len(body))
	}
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for name, values := range header {
			w.Header()[name] = values
		}
		_, _ = io.WriteString(w, body)
	})
	backgrounds := make(map[string]bool)
	b := browsertest.Open(t, server, browsertest.Look{Language: "en-GB", Zone: "Europe/Berlin"})
	for _, scheme := range []string{"light", "dark"} {
		b.Prefer(scheme)
		b.Resize(1120, 1020)
		var background string
		b.Evaluate(`getComputedStyle(document.body).backgroundColor`, &background)
		backgrounds[background] = true
		if *shots != "" {
			b.Shoot(filepath.Join(*shots, "monitor-"+scheme+".png"), true)
		}
		shown(t, b)
		var low []string
		b.Evaluate(contrast, &low)
		for _, text := range low {
			t.Errorf("%s: too little contrast: %s", scheme, text)
		}
		b.Resize(360, 800)
		var wide []string
		b.Evaluate(`[...document.querySelectorAll("body *")].filter(e => !e.closest("svg, .hidden") && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName + " " + e.className + " " + e.textContent.slice(0, 40))`, &wide)
		for _, e := range wide {
			t.Errorf("%s: wider than a telephone: %s", scheme, e)
		}
		if *shots != "" {
			b.Shoot(filepath.Join(*shots, "monitor-narrow-"+scheme+".png"), true)
		}
	}
	for _, c := range b.Complaints() {
		t.Error(c)
	}
	if len(backgrounds) != 2 {
		t.Errorf("light and dark have the same background: %v", backgrounds)
	}
}

// shown looks at what the browser has made of the day.
func shown(t *testing.T, b *browsertest.Tab) {
	t.Helper()
	for selector, want := range map[string][]string{
		"header": {"Advoware", "Ready, in part", "2 of 3 offices ready", "v1.4.0"},
		"h2":     {"Notariat Brandt\nSommer & Partner\nRechtsanwälte Vogt"}, // the one in trouble first
		// At 15:30, or five minutes later if a renewal that had begun before got a token.
		".trouble":                    {"Kanzlei or database not connected", "ask the office", "since 15:3"},
		".figures":                    {"Hit rate", "Calls", "Call, median", "Token request", "Next renewal"},
		".lane .name":                 {"Token", "Gateway", "Redis", "Calls", "Latency"},
		"td":                          {"Token renewed ahead of its end in 1.3 s", "Redis down, over after 45 min", "Token request refused: product or employee not enabled", "The API refused 1 token (401)"},
		".lane title":                 {"renewed, in use from", "Redis down from 23:00 to", "(product or employee not enabled) from 10:00 to", "half of the calls within"},
		".axis text":                  {"13:00"},
		"header time":                 {"17:00:0"},
		".office:last-of-type .state": {"Idle"},
	} {
		text := b.Text(selector)
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%s is %.300q; want %q in it", selector, text, part)
			}
		}
	}
	var drawn map[string]int
	b.Evaluate(`Object.fromEntries([".lane .token rect.token", ".renewal", ".rejected", ".outage", ".refusal", ".down", ".hits", ".waits", ".p99"].map(s =>
		[s, [...document.querySelectorAll(".lane " + s.replace(".lane ", ""))].filter(e => e.getBoundingClientRect().height > 1).length]))`, &drawn)
	for name, n := range drawn {
		if n == 0 {
			t.Errorf("nothing is drawn as %s", name)
		}
	}
	if len(drawn) != 9 || drawn[".renewal"] < 20 {
		t.Errorf("drawn: %v", drawn)
	}
	var named int
	if b.Evaluate(`[...document.querySelectorAll(".lane svg[role=img]")].filter(e => e.getAttribute("aria-label").length > 20).length`, &named); named != 14 {
		t.Errorf("%d of 14 charts have a text beside them", named)
	}
	var none int
	if b.Evaluate(`document.querySelectorAll('[datetime^="0001"], [data-times^="0001"], [data-time^="0001"]').length`, &none); none != 0 {
		t.Errorf("%d times that are none are shown", none)
	}
	within(t, b)
	for _, odd := range []string{"NaN", "undefined", "Infinity", "{0}", "UTC", "%!"} {
		if strings.Contains(b.Text("#content"), odd) {
			t.Errorf("the page says %s", odd)
		}
	}
}

// within checks that nothing is drawn beside its lane.
func within(t *testing.T, b *browsertest.Tab) {
	t.Helper()
	var beside []string
	b.Evaluate(`[...document.querySelectorAll(".lane > svg rect, .lane > svg path")].filter(e => {
		const [r, lane] = [e, e.closest(".lane > svg")].map(e => e.getBoundingClientRect());
		return !e.closest("svg svg") && (r.left < lane.left - 2 || r.right > lane.right + 2);
	}).map(e => e.outerHTML)`, &beside)
	for _, e := range beside {
		t.Errorf("beside its lane: %.200s", e)
	}
}

// contrast lists the texts whose contrast to what is behind them is below 4.5, as WCAG has it.
const contrast = `(() => {
	const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
	const paint = (over, css) => { canvas.fillStyle = "rgb(" + over.join(" ") + ")"; canvas.fillRect(0, 0, 1, 1); canvas.fillStyle = css; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3); };
	const light = (c) => { const [r, g, b] = c.map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
	const behind = (e) => e ? paint(behind(e.parentElement), getComputedStyle(e).backgroundColor) : [255, 255, 255];
	const low = [];
	for (const e of document.querySelectorAll("#content *")) {
		if (e.closest(".hidden") || e.tagName === "title" || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
		const back = behind(e.closest("svg")?.parentElement ?? e), style = getComputedStyle(e);
		const [a, b] = [light(paint(back, e.closest("svg") ? style.fill : style.color)), light(back)].sort((a, b) => b - a);
		if ((a + .05) / (b + .05) < 4.5) low.push(((a + .05) / (b + .05)).toFixed(2) + " " + e.textContent.slice(0, 30));
	}
	return low;
})()`

// An office may have any name, and the page follows what happens while somebody looks.
func TestPageIsRenewedInABrowser(t *testing.T) {
	t.Parallel()
	k := newKanzlei(t, hostile, false, clienttest.Options{})
	m := newMonitor(t, monitor.Config{Title: "<b>" + hostile, Version: hostile, Every: -1}, k)
	server := serve(t, m.ServeHTTP)
	b := browsertest.Open(t, server, browsertest.Look{})
	if text := b.Text("h2"); !strings.HasPrefix(text, hostile) {
		t.Errorf("the name is shown as %q", text)
	}
	if n := 0; true {
		if b.Evaluate(`document.querySelectorAll("img, b, script:not(:last-child)").length`, &n); n != 0 {
			t.Errorf("a name became %d elements", n)
		}
	}
	b.Until(`document.querySelector(".office .state").textContent === "Not asked yet"`)
	b.Click(".more summary")
	b.Until(`document.querySelector(".more").open`)
	if err := k.call(0); err != nil {
		t.Fatal(err)
	}
	look := `document.dispatchEvent(new Event("visibilitychange"))` // as when somebody comes back to the page
	b.Evaluate(look, nil)
	b.Until(`document.querySelector(".office .state").textContent === "Token valid"`)
	b.Until(`document.querySelector(".more").open && document.activeElement?.parentElement.classList.contains("more")`)
	if text := b.Text("td"); !strings.Contains(text, "Token fetched") {
		t.Errorf("the events are %q", text)
	}
	within(t, b)
	if label := ""; true { // a process that is young has a short time line
		if b.Evaluate(`document.querySelector(".chart").getAttribute("aria-label")`, &label); label != "Time line of the last hour" {
			t.Errorf("the chart is named %q", label)
		}
	}
	for _, c := range b.Complaints() {
		t.Error(c)
	}
	m.Drain()
	b.Evaluate(look, nil)
	b.Until(`document.querySelector("header .state").textContent === "Ending" && document.title.startsWith("Ending")`)
}

// The page that cannot be renewed says so.
func TestPageTellsThatTheProcessHasEnded(t *testing.T) {
	t.Parallel()
	k := newKanzlei(t, "one", false, clienttest.Options{})
	m := newMonitor(t, monitor.Config{Every: -1}, k)
	ended := make(chan struct{})
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-ended:
			panic(http.ErrAbortHandler)
		default:
			m.ServeHTTP(w, r)
		}
	})
	b := browsertest.Open(t, server, browsertest.Look{})
	close(ended)
	b.Evaluate(`document.dispatchEvent(new Event("visibilitychange"))`, nil)
	b.Until(`getComputedStyle(document.querySelector("#as-of"), "::before").content.includes("does not answer")`)
}

// Without a browser: all of an office is there, escaped, however many there are.
func TestPageIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKanzlei(t, hostile, false, clienttest.Options{InMemory: true})
		cfg := monitor.Config{Every: -1}
		for i := range 300 {
			cfg.Offices = append(cfg.Offices, monitor.Office{Name: fmt.Sprintf("%s %d", hostile, i), Client: k.Client})
		}
		m := newMonitor(t, cfg, k)
		body := get(m, "/").Body.String()
		if n := strings.Count(body, `<section class="office"`); n != 200 || !strings.Contains(body, "101 more offices are not shown") {
			t.Errorf("%d offices are shown", n)
		}
		if n := strings.Count(body, "<details") - strings.Count(body, `class="more"`) - strings.Count(body, "<details id"); n != 0 {
			t.Errorf("%d odd details", n)
		}
		if len(body) > 3<<20 {
			t.Errorf("the page has %d bytes", len(body))
		}
		for _, bad := range []string{"<script>alert", "<img", "onerror=alert(2)>"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s is not escaped", bad)
			}
		}
		if n := strings.Count(body, "http://") + strings.Count(body, "https://"); n != 0 {
			t.Errorf("the page leads elsewhere %d times", n)
		}
	})
}

// serve serves on loopback until the test ends, and returns the address of the page.
func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	s.Client().Timeout = time.Minute
	return s.URL + "/"
}
