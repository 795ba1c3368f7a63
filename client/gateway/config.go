package gateway

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/internal/conf"
	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/internal/roundtrip"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
	"github.com/advoware-go/advoware/store"
)

// The vendor's defaults.
const (
	DefaultURL     = "https://security.advo-net.net/api/v1/Token"
	DefaultProduct = 64
	DefaultRole    = 2
	DefaultTimeout = 30 * time.Second
)

// Config says whose tokens are fetched, and where. Printing it shows no secret.
type Config struct {
	// URL is the token endpoint; empty means DefaultURL. Plain http is refused for
	// anything but loopback, unless AllowInsecure is set.
	URL           string
	AllowInsecure bool

	// Discovery, if it is set, knows which token endpoint is asked; then URL says no more
	// than whose tokens these are, and should be the Discovery's own TokenURL.
	Discovery *discovery.Finder

	// App, Kanzlei, Database, User, Password and Key are the credentials that the
	// vendor hands out. All are required, and must be valid UTF-8 and not begin or
	// end with a line end, which only the file has that they were read from.
	App      string
	Kanzlei  string
	Database string
	User     string
	Password secret.String
	Key      signer.Key

	// Product and Role are numbers given by the vendor; 0 means DefaultProduct and
	// DefaultRole, negative ones are refused.
	Product int
	Role    int

	// Lifetime is how long a token lives if the gateway does not say, and the
	// longest life that is believed; 0 means store.DefaultLifetime. Guard is how long
	// before its end nobody uses a token any more; 0 means store.DefaultGuard, and at
	// most half of a token's life is used. Negative values are refused.
	Lifetime time.Duration
	Guard    time.Duration

	// Timeout bounds one attempt, response body included; 0 means DefaultTimeout,
	// negative is refused.
	Timeout time.Duration

	// Base sends the requests; nil means a transport of the package's own that
	// honours the proxy variables of the environment, but for this machine, and dials
	// what is named as this machine nowhere else. It must not follow redirects, which no
	// http.RoundTripper does by itself.
	Base http.RoundTripper

	// UserAgent is sent along; empty means "advoware-go".
	UserAgent string

	// Logger hears of requests at debug level and of a wrong clock at warn level;
	// nil means slog.Default().
	Logger *slog.Logger
}

func (c *Config) setDefaults() {
	c.URL = cmp.Or(c.URL, DefaultURL)
	c.Product = cmp.Or(c.Product, DefaultProduct)
	c.Role = cmp.Or(c.Role, DefaultRole)
	c.Lifetime = cmp.Or(c.Lifetime, store.DefaultLifetime)
	c.Guard = cmp.Or(c.Guard, store.DefaultGuard)
	c.Timeout = cmp.Or(c.Timeout, DefaultTimeout)
	c.UserAgent = cmp.Or(c.UserAgent, "advoware-go")
	c.Logger = cmp.Or(c.Logger, slog.Default())
}

// ownTransport returns what sends requests if the caller does not say. A program may
// have put something of its own into net/http.
func ownTransport(allowInsecure bool) http.RoundTripper {
	if _, ok := http.DefaultTransport.(*http.Transport); !ok {
		return http.DefaultTransport
	}
	// One request in many minutes. And what a gateway sends after its answer, the rest of
	// a token maybe, net/http would write to the log of the process.
	return roundtrip.New(roundtrip.Options{AllowInsecure: allowInsecure, Once: true})
}

// check reports every problem in one error.
func (c *Config) check() (*url.URL, error) {
	p := conf.New("gateway: ")
	u, err := origin.Parse(c.URL, c.AllowInsecure)
	p.If(err != nil, "URL %w", err)
	for _, f := range []struct{ name, value string }{
		{"App", c.App}, {"Kanzlei", c.Kanzlei}, {"Database", c.Database}, {"User", c.User}, {"Password", c.Password.Reveal()},
	} {
		p.Required(f.name, f.value == "")
		p.If(!utf8.ValidString(f.value), "%s is not valid UTF-8", f.name)
		p.If(utf8.ValidString(f.value) && strings.Trim(f.value, "\r\n") != f.value,
			"%s begins or ends with a line end, which would be a part of it: take it off", f.name)
	}
	p.Required("Key", c.Key.IsZero())
	p.If(c.Product < 0, "Product must not be negative")
	p.If(c.Role < 0, "Role must not be negative")
	p.NotNegative("Lifetime", c.Lifetime)
	p.NotNegative("Guard", c.Guard)
	p.NotNegative("Timeout", c.Timeout)
	return u, p.Err()
}

// Credentials names what tokens are asked for with, password and key included, and
// shows none of it: who knows it can only tell whether it has changed.
func (g *Gateway) Credentials() string {
	// The key of this HMAC is a signature, which only the API key can make.
	mac := hmac.New(sha256.New, []byte(g.signer.Sign(signer.Message{Nonce: "credentials"})))
	mac.Write([]byte(g.cfg.Identity()))
	mac.Write([]byte{0})
	mac.Write([]byte(g.cfg.Password.Reveal()))
	return hex.EncodeToString(mac.Sum(nil))
}

// Identity names whose tokens these are: everything that makes the gateway hand
// out a different token, but no secret. Two configurations with one Identity may
// share a store key, others must not. Of a gateway on this machine's loopback the port
// does not count: a fake or a tunnel has another one each time it is started.
func (c Config) Identity() string {
	c.setDefaults()
	parts := []string{c.place(), c.App, c.Kanzlei, c.Database, c.User, strconv.Itoa(c.Role), strconv.Itoa(c.Product)}
	var text []byte
	for _, p := range parts {
		text = fmt.Appendf(text, "%d:%s,", len(p), p) // lengths, so that no two lists make one text
	}
	return string(text)
}

// place is the URL as far as it says whose tokens these are, with the service that knows
// where they are issued if that is not the vendor's. Where an office has moved to does not
// count.
func (c *Config) place() string {
	if c.Discovery != nil {
		if by := c.Discovery.Place(); by != "" {
			return c.configured() + " by " + by
		}
	}
	return c.configured()
}

func (c *Config) configured() string {
	u, err := url.Parse(c.URL)
	if err != nil || u.User != nil || !origin.Loopback(u.Hostname()) {
		return c.URL
	}
	u.Host = "localhost"
	return u.String()
}
