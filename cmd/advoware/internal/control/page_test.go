package control_test

import (
	"flag"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/browsertest"
)

var shots = flag.String("shots", "", "a folder for pictures of the page")

// The page shows requests as they happen, and each of its buttons does what it says.
func TestPageInABrowser(t *testing.T) {
	fake, base := start(t)
	ask(t, fake, "api/v1/Echo/before")
	b := browsertest.Open(t, base, browsertest.Look{Scheme: "light"})
	b.Until(`document.querySelector("#requests").textContent.includes("/api/v1/Echo/before")`)

	ask(t, fake, "api/v1/Echo/after?a=%3Cimg+src=x+onerror=alert(1)%3E")
	b.Until(`document.querySelector("#requests tr").textContent.includes("GET /api/v1/Echo/after?a=")`)
	b.Until(`document.querySelector("#requests tr td:last-child").textContent === "200"`)
	if n := b.Text("#requests img"); strings.Contains(b.Text("#requests tr summary"), "onerror") == (n != "") {
		t.Errorf("what was sent is taken for HTML: %q", n)
	}
	b.Click("#requests tr summary")
	b.Until(`document.querySelector("#requests details").open && document.querySelector("#requests pre").checkVisibility()`)
	if text := b.Text("#requests tr:first-child pre"); !strings.Contains(text, "Host: 127.0.0.1") || !strings.Contains(text, "Authorization: ") {
		t.Errorf("the details are %q", text)
	}

	// A click makes the next request fail, and no other.
	b.Click(`[data-named="api-500"]`)
	b.Until(`document.querySelector("#injected").textContent.includes("api-500: 0 hits")`)
	if first, second := ask(t, fake, "employees"), ask(t, fake, "employees"); first != 500 || second != 200 {
		t.Errorf("after the click: %d, then %d", first, second)
	}
	b.Until(`document.querySelector("#injected .ended span").textContent === "api-500: 1 hit"`)
	b.Until(`[...document.querySelectorAll("#requests .bad")].some(e => e.textContent === "500")`)

	// Until it is removed, and then no more.
	b.Evaluate(`(() => { document.querySelector("#times").value = "-1"; })()`, nil)
	b.Click(`[data-named="not-connected"]`)
	b.Until(`document.querySelector("#injected .active") !== null`)
	token := func() int { return request(t, fake, "POST", fake.TokenURL()).status }
	if first, second := token(), token(); first != 503 || second != 503 {
		t.Errorf("not connected: %d, then %d", first, second)
	}
	b.Click("#injected .active button")
	b.Until(`document.querySelector("#injected .active") === null`)
	if status := token(); status != 415 { // it is no token request
		t.Errorf("after it was removed: %d", status)
	}
	b.Click("#clear")
	b.Until(`document.querySelector("#injected").children.length === 0`)

	valid := fake.Issue()
	b.Click("#revoke")
	revoked := func() bool {
		return call(t, "GET", fake.BaseURL()+"employees", "", "Authorization", "Bearer "+valid).status == http.StatusUnauthorized
	}
	for !revoked() { // the click is on its way
		b.Evaluate(`new Promise(done => setTimeout(done, 20))`, nil)
	}

	call(t, "POST", base+"identities", `{"kanzlei":"Müller & Söhne"}`).want(t, 201, nil)
	call(t, "POST", base+"connectors", `{"kanzlei":"Müller & Söhne"}`).want(t, 201, nil)
	b.Until(`document.querySelector("#identities").textContent.includes("Müller & Söhne") && document.querySelector("#connectors").checkVisibility()`)
	b.Until(`document.querySelector("#counts").textContent.includes("token requests")`)
	for _, c := range b.Complaints() {
		t.Error(c)
	}
}

// There is a button for each fault that has a name, in light and in dark, and nothing is
// wider than a narrow window.
func TestPageFitsAndHasAllButtons(t *testing.T) {
	fake, base := start(t)
	call(t, "POST", base+"faults", `{"named":"api-500","times":-1}`).want(t, 201, nil)
	for _, path := range []string{"employees", "api/v1/Echo/" + strings.Repeat("long", 100), "AdvonetConfigurator/api/Url?Kanzlei=x"} {
		ask(t, fake, path)
	}
	backgrounds := make(map[string]bool)
	for _, scheme := range []string{"light", "dark"} {
		b := browsertest.Open(t, base, browsertest.Look{Scheme: scheme})
		var missing []string
		b.Evaluate(`fetch("named").then(a => a.json()).then(all => all.map(n => n.name).filter(n => !document.querySelector('[data-named="' + n + '"]')?.checkVisibility()))`, &missing)
		if len(missing) > 0 || b.Text(`[data-named="gateway-down"]`) == "" {
			t.Errorf("there are no buttons for %q", missing)
		}
		var background string
		b.Evaluate(`getComputedStyle(document.body).backgroundColor`, &background)
		backgrounds[background] = true
		b.Until(`document.querySelector("#requests").children.length === 3 && document.querySelector("#injected .active")`)
		if *shots != "" {
			b.Shoot(filepath.Join(*shots, scheme+".png"), false)
		}
		b.Resize(360, 800)
		var wide bool
		if b.Evaluate(`document.documentElement.scrollWidth > innerWidth`, &wide); wide {
			t.Errorf("%s: the page is wider than a narrow window", scheme)
		}
		for _, c := range b.Complaints() {
			t.Error(c)
		}
	}
	if len(backgrounds) != 2 {
		t.Errorf("light and dark have the same background: %v", backgrounds)
	}
}

// When the sandbox has ended the page says so.
func TestPageTellsThatTheSandboxHasEnded(t *testing.T) {
	_, base, stop := startUntil(t)
	b := browsertest.Open(t, base, browsertest.Look{Scheme: "light"})
	b.Until(`document.querySelector("#state").dataset.live === ""`)
	stop()
	b.Until(`document.querySelector("#state").textContent.includes("has ended")`)
}

// The page is whole without a browser, too.
func TestPageParts(t *testing.T) {
	_, base := start(t)
	for path, kind := range map[string]string{"": "text/html", "page.css": "text/css", "page.js": "javascript"} {
		got := call(t, "GET", base+path, "")
		if got.status != 200 || !strings.Contains(got.header.Get("Content-Type"), kind) || len(got.text) < 1000 {
			t.Errorf("%q: %d, %s, %d bytes", path, got.status, got.header.Get("Content-Type"), len(got.text))
		}
		if strings.Contains(got.text, "http://") || strings.Contains(got.text, "https://") {
			t.Errorf("%q leads elsewhere", path)
		}
	}
}
