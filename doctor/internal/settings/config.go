package settings

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/internal/redact"
	"github.com/advoware-go/advoware/internal/roundtrip"
)

// Look reports what is to be said of a configuration, and of the environment that it was read
// from, if e is not nil. Open returns why no client can be made of it; it is not called for
// one of which parts are made up.
func Look(cfg advoware.Config, e *Environment, open func() error, report func(check.Check)) {
	if e != nil {
		for _, c := range e.found {
			report(c)
		}
	}
	if e != nil && e.Lost {
		return
	}
	if e == nil || len(e.bad) == 0 {
		whole(open, e == nil, report)
	}
	for _, one := range []struct {
		variable string
		look     func(*advoware.Config) check.Check
	}{
		{"ADVOWARE_API_KEY", key}, {"ADVOWARE_KANZLEI", kanzlei}, {"ADVOWARE_DATABASE", database}, {"ADVOWARE_USER", user},
		{"ADVOWARE_PRODUCT_ID", product}, {"ADVOWARE_TOKEN_URL", tokenURL}, {"ADVOWARE_API_BASE_URL", environment},
		{"ADVOWARE_ALLOW_INSECURE", insecure},
	} {
		if e.Bad(one.variable) != "" {
			continue
		}
		if c := one.look(&cfg); c.Name != "" {
			report(c)
		}
	}
	report(proxy(&cfg))
}

// whole reports what is wrong with a configuration as a whole.
func whole(open func() error, always bool, report func(check.Check)) {
	err := open()
	if err == nil && always {
		report(check.Check{Name: "settings", Status: check.OK, Saw: "a client can be made of them"})
	}
	if err == nil {
		return
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		for _, prefix := range []string{"advoware: ", "gateway: ", "discovery: ", "client: "} {
			line = strings.TrimPrefix(line, prefix)
		}
		report(check.Check{Name: "settings", Status: check.Failure, Saw: line, Want: "settings that a client can be made of", Hint: "correct it"})
	}
}

// wholeKey is how long a key for HMAC-SHA512 is, and shortKey what is rather a part of one.
const wholeKey, shortKey = 64, 32

func key(cfg *advoware.Config) check.Check {
	c := check.Check{Name: "API key", Status: check.OK}
	if cfg.Key.IsZero() {
		return check.Check{}
	}
	bytes, _ := base64.StdEncoding.DecodeString(cfg.Key.Reveal())
	n := len(bytes)
	c.Saw = fmt.Sprintf("%d bytes in base64", n)
	if n < shortKey || wholeKey-4 < n && n < wholeKey {
		c.Status, c.Want = check.Warning, fmt.Sprintf("a whole key, which has %d bytes as a rule (%d characters)", wholeKey, base64.StdEncoding.EncodedLen(wholeKey))
		c.Hint = "it looks cut: compare its end with the vendor's mail, and copy all of it"
	}
	return c
}

func kanzlei(cfg *advoware.Config) check.Check {
	c := check.Check{Name: "Kanzlei", Status: check.OK, Saw: quote(cfg.Kanzlei)}
	if strings.TrimSpace(cfg.Kanzlei) != cfg.Kanzlei {
		c.Status, c.Want, c.Hint = check.Warning, quote(strings.TrimSpace(cfg.Kanzlei)), "take the spaces out, which count"
	}
	return c
}

func database(cfg *advoware.Config) check.Check {
	c := check.Check{Name: "database", Status: check.OK, Saw: quote(cfg.Database)}
	if upper := strings.ToUpper(cfg.Database); upper != cfg.Database {
		c.Status, c.Want, c.Hint = check.Warning, quote(upper), "write ADVOWARE_DATABASE in capitals, as the name of a database always is with the vendor"
	}
	return c
}

func user(cfg *advoware.Config) check.Check {
	c := check.Check{Name: "user", Status: check.OK, Saw: quote(cfg.User)}
	if strings.ContainsAny(cfg.User, "@ \\/,;") || len(cfg.User) > 30 {
		c.Status, c.Want = check.Warning, "the Kürzel of an employee, such as \"MM\""
		c.Hint = "this looks like an address, a login or a whole name: set ADVOWARE_USER to the Kürzel that the employee has in Advoware"
	}
	return c
}

func product(cfg *advoware.Config) check.Check {
	if cfg.Product == 0 || cfg.Product == gateway.DefaultProduct {
		return check.Check{}
	}
	return check.Check{Name: "product", Status: check.Warning, Saw: fmt.Sprint(cfg.Product), Want: fmt.Sprint(gateway.DefaultProduct),
		Hint: "leave ADVOWARE_PRODUCT_ID out, unless the vendor gave you this number: programs of third parties have 64, and 1 is the vendor's own calendar"}
}

func tokenURL(cfg *advoware.Config) check.Check {
	u, err := url.Parse(cfg.TokenURL)
	if err != nil || strings.HasSuffix(strings.TrimRight(u.Path, "/"), "/api/v1/Token") || cfg.TokenURL == "" {
		return check.Check{}
	}
	return check.Check{Name: "token URL", Status: check.Warning, Saw: "the path " + quote(u.Path), Want: "a path that ends in /api/v1/Token",
		Hint: "set ADVOWARE_TOKEN_URL to the token endpoint, not to the root of the gateway"}
}

// environment compares the vendor's two worlds: .net is in use, .org is for tests.
func environment(cfg *advoware.Config) check.Check {
	base, token := testWorld(cfg.BaseURL, client.DefaultBaseURL), testWorld(cfg.TokenURL, gateway.DefaultURL)
	if base == token || base == "" || token == "" {
		return check.Check{}
	}
	return check.Check{Name: "addresses", Status: check.Warning, Saw: "the API is in the vendor's " + base + ", the gateway in the " + token, Want: "both in one",
		Hint: "tokens of one are not valid in the other: set both ADVOWARE_API_BASE_URL and ADVOWARE_TOKEN_URL, or neither"}
}

func testWorld(text, def string) string {
	if text == "" {
		text = def
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
	case strings.HasSuffix(u.Hostname(), ".advo-net.org"):
		return "test environment (.org)"
	case strings.HasSuffix(u.Hostname(), ".advo-net.net"):
		return "environment in use (.net)"
	}
	return ""
}

func insecure(cfg *advoware.Config) check.Check {
	for _, text := range []string{cfg.TokenURL, cfg.BaseURL} {
		if u, err := origin.Parse(text, true); err == nil && cfg.AllowInsecure && u.Scheme == "http" && !origin.Loopback(u.Hostname()) {
			return check.Check{Name: "encryption", Status: check.Warning, Saw: "plain http to " + u.Host, Want: "https",
				Hint: "the password and the token can be read on the way: use https, and take ADVOWARE_ALLOW_INSECURE out"}
		}
	}
	return check.Check{}
}

// proxy says which proxy the environment names, and whether it is used for the addresses.
func proxy(cfg *advoware.Config) check.Check {
	c := check.Check{Name: "proxy", Status: check.OK, Saw: "none in the environment"}
	if cfg.Transport != nil {
		return check.Check{Name: "proxy", Status: check.Skipped, Saw: "requests are sent by a transport of the program's own"}
	}
	if _, ours := http.DefaultTransport.(*http.Transport); !ours {
		return check.Check{Name: "proxy", Status: check.Skipped, Saw: "the program has put a transport of its own into net/http"}
	}
	set := proxyVariables()
	if len(set) == 0 {
		return c
	}
	c.Saw = strings.Join(set, ", ") + " set, but not used for the API and the gateway"
	for _, text := range []string{cmp.Or(cfg.TokenURL, gateway.DefaultURL), cmp.Or(cfg.BaseURL, client.DefaultBaseURL)} {
		u, err := origin.Parse(text, true)
		if err != nil {
			continue
		}
		switch by, err := roundtrip.ProxyOf(roundtrip.Options{AllowInsecure: cfg.AllowInsecure}, u); {
		case err != nil:
			c.Status, c.Saw, c.Want, c.Hint = check.Failure, err.Error(), "http://host:port", "correct the variable, or unset it"
			return c
		case by != nil:
			c.Status, c.Saw = check.Warning, strings.Join(set, ", ")+" set: "+u.Host+" is reached by the proxy "+redact.OneLine(by.Host, 200)
			c.Want = "a proxy that lets requests through to " + u.Host
			if u.Scheme == "https" {
				c.Want = "a proxy that lets CONNECT through to " + u.Host
			}
			c.Hint = "if it does not, have it permitted there, or exempt the host: NO_PROXY=" + u.Hostname()
			return c
		}
	}
	return c
}

func proxyVariables() (set []string) {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		if os.Getenv(name) != "" {
			set = append(set, name)
		}
	}
	return set
}

// quote shows a value that is no secret.
func quote(text string) string { return fmt.Sprintf("%q", redact.OneLine(text, 100)) }
