// Package browsertest shows a page in a headless Chromium, for tests.
//
// A [Tab] is for one goroutine at a time.
package browsertest

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// Require is the name of a variable of the environment that turns the skip without a browser
// into a failure, if it is set to 1.
const Require = "ADVOWARE_REQUIRE_CHROMIUM"

// Tab is a page in a headless Chromium, which is driven by its DevTools protocol over a
// pipe: objects in JSON, each with a zero byte at its end.
type Tab struct {
	t       *testing.T
	ctx     context.Context
	in      *os.File
	session string

	mu      sync.Mutex
	last    int
	answers map[int]chan message
	seen    []string // complaints, and requests for anything but the page's own address
	own     string
	loaded  chan struct{} // has a value for each page that was loaded
}

type message struct {
	ID     int             `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
	Session string `json:"sessionId,omitempty"`
}

// Look is how a page is looked at.
type Look struct {
	Scheme        string // "light" or "dark"; "" means light
	Width, Height int    // of the window; 0 means 1280 and 900
	Language      string // "de-DE"; "" means that of the browser
	Zone          string // "Europe/Berlin"; "" means that of the machine
}

// Open opens a page in a browser, which the end of the test ends, and waits until it sets
// data-ready. Without a Chromium the test is skipped.
func Open(t *testing.T, url string, look Look) *Tab {
	t.Helper()
	path := chromium(t)
	profile, err := os.MkdirTemp("", "advoware-page")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	cmd := exec.CommandContext(ctx, path, "--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server", "--user-data-dir="+profile)
	commands, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, events, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.ExtraFiles = []*os.File{commands, events} // as 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	commands.Close()
	events.Close()
	b := &Tab{t: t, ctx: ctx, in: in, answers: make(map[int]chan message), own: url, loaded: make(chan struct{}, 100)}
	ended := make(chan struct{})
	go func() { defer close(ended); b.listen(out) }()
	t.Cleanup(func() {
		_ = b.send(message{ID: 1 << 20, Method: "Browser.close"})
		<-ended // its processes have closed the pipe
		cancel()
		_ = cmd.Wait()
		in.Close()
		out.Close()
		for range 50 { // some of its processes write there until they end, a little later
			if os.RemoveAll(profile) == nil {
				break
			}
			<-time.After(20 * time.Millisecond)
		}
	})

	var target struct{ TargetID, SessionID string }
	b.Call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	b.Call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &target)
	b.session = target.SessionID
	for _, domain := range []string{"Runtime", "Log", "Network", "Page"} {
		b.Call(domain+".enable", nil, nil)
	}
	b.Prefer(cmp.Or(look.Scheme, "light"))
	b.Resize(cmp.Or(look.Width, 1280), cmp.Or(look.Height, 900))
	b.Call("Emulation.setScrollbarsHidden", map[string]any{"hidden": true}, nil)
	if look.Language != "" {
		b.Call("Emulation.setLocaleOverride", map[string]any{"locale": look.Language}, nil)
	}
	if look.Zone != "" {
		b.Call("Emulation.setTimezoneOverride", map[string]any{"timezoneId": look.Zone}, nil)
	}
	b.Call("Page.navigate", map[string]any{"url": url}, nil)
	select {
	case <-b.loaded:
	case <-ctx.Done():
		t.Fatal("the page is not loaded")
	}
	b.Until(`document.documentElement.dataset.ready === ""`)
	return b
}

// chromium returns the path of a Chromium.
func chromium(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("a process on Windows takes no pipes beside the usual three")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv(Require) == "1" {
		t.Fatalf("no Chromium on PATH, and %s=1 demands one", Require)
	}
	t.Skipf("no Chromium on PATH: the page is not looked at in a browser (%s=1 makes this a failure)", Require)
	return ""
}

// listen takes what the browser says until it has ended.
func (b *Tab) listen(out *os.File) {
	for r := bufio.NewReader(out); ; {
		text, err := r.ReadBytes(0)
		if err != nil {
			return
		}
		var m message
		if err := json.Unmarshal(text[:len(text)-1], &m); err != nil {
			b.t.Errorf("the browser says %q: %v", text, err)
			continue
		}
		b.mu.Lock()
		switch {
		case m.ID != 0:
			if answer := b.answers[m.ID]; answer != nil {
				answer <- m
			}
		case m.Method == "Runtime.exceptionThrown", m.Method == "Log.entryAdded", m.Method == "Runtime.consoleAPICalled":
			b.seen = append(b.seen, string(m.Params))
		case m.Method == "Page.loadEventFired":
			b.loaded <- struct{}{}
		case m.Method == "Network.requestWillBeSent":
			var sent struct{ Request struct{ URL string } }
			_ = json.Unmarshal(m.Params, &sent)
			if u := sent.Request.URL; !strings.HasPrefix(u, b.own) && !strings.HasPrefix(u, "data:") {
				b.seen = append(b.seen, "request: "+u)
			}
		}
		b.mu.Unlock()
	}
}

func (b *Tab) send(m message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = b.in.Write(append(text, 0))
	return err
}

// Call gives a command and waits for its result.
func (b *Tab) Call(method string, params, result any) {
	b.t.Helper()
	text, err := json.Marshal(params)
	if err != nil {
		b.t.Fatal(err)
	}
	if params == nil {
		text = []byte("{}")
	}
	answer := make(chan message, 1)
	b.mu.Lock()
	b.last++
	m := message{ID: b.last, Method: method, Params: text, Session: b.session}
	b.answers[m.ID] = answer
	b.mu.Unlock()
	if err := b.send(m); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	select {
	case m := <-answer:
		if m.Error != nil {
			b.t.Fatalf("%s: %s", method, m.Error.Message)
		}
		if result != nil {
			if err := json.Unmarshal(m.Result, result); err != nil {
				b.t.Fatal(err)
			}
		}
	case <-b.ctx.Done():
		b.t.Fatalf("%s: %v", method, b.ctx.Err())
	}
}

// Evaluate returns the value of an expression, or of its promise, as JSON.
func (b *Tab) Evaluate(expression string, to any) {
	b.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	b.Call("Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true}, &r)
	if r.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, r.ExceptionDetails)
	}
	if to != nil {
		if err := json.Unmarshal(r.Result.Value, to); err != nil {
			b.t.Fatalf("%s: %v", expression, err)
		}
	}
}

// Text returns the text of all elements that match, each on a line.
func (b *Tab) Text(selector string) (text string) {
	b.t.Helper()
	b.Evaluate(fmt.Sprintf(`[...document.querySelectorAll(%q)].map(e => e.textContent).join("\n")`, selector), &text)
	return text
}

// Until waits until an expression is true; until then it may throw.
func (b *Tab) Until(expression string) {
	b.t.Helper()
	b.Evaluate(`new Promise(done => { const look = () => { try { if (`+expression+`) return done(); } catch {} setTimeout(look, 20); }; look(); })`, nil)
}

// Click clicks with the mouse.
func (b *Tab) Click(selector string) {
	b.t.Helper()
	var at struct{ X, Y float64 }
	b.Evaluate(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.scrollIntoView({block: "center"}); const r = e.getBoundingClientRect();
		return { x: r.x + r.width / 2, y: r.y + r.height / 2 }; })()`, selector), &at)
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		b.Call("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": at.X, "y": at.Y, "button": "left", "clickCount": 1}, nil)
	}
}

// Complaints are what the browser has complained of so far.
func (b *Tab) Complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.seen
}

// Prefer changes the colour scheme: "light" or "dark".
func (b *Tab) Prefer(scheme string) {
	b.t.Helper()
	b.Call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// Resize changes the size of the window.
func (b *Tab) Resize(width, height int) {
	b.t.Helper()
	b.Call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
}
