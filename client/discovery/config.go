package discovery

import (
	"cmp"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/advoware-go/advoware/internal/conf"
	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/internal/roundtrip"
	"github.com/advoware-go/advoware/secret"
)

// The defaults of Config.
const (
	DefaultURL = "https://www2.advo-net.net/AdvonetConfigurator/api/Url"
	DefaultTTL = 55 * time.Minute
)

// Config says whose addresses are asked for, and what serves without them. Printing it
// shows no secret.
type Config struct {
	// URL is the vendor's service that knows the addresses; empty means DefaultURL. Plain
	// http is refused for anything but loopback, unless AllowInsecure is set, which also
	// permits addresses of plain http in its answers.
	URL           string
	AllowInsecure bool

	// Kanzlei is the name of the office, as the vendor spells it: capitals count. Required.
	Kanzlei string

	// BaseURL and TokenURL serve when nothing is known, unless Required is set. TokenURL
	// also serves while the answer names no gateway, or one that is not trusted; a gateway
	// of the same scheme, host and port is always trusted. Both are required.
	BaseURL  string
	TokenURL string

	// Required makes it an error if there is no answer, and none is remembered. Then an
	// answer is waited for 15 s, else 3 s.
	Required bool

	// Base sends the requests; nil means a transport of the package's own, as a
	// gateway.Gateway has one. It must heed the contexts of requests.
	Base http.RoundTripper

	// Offices are shared with other Finders, so that all of them for one Kanzlei ask once;
	// nil means that no other Finder shares anything.
	Offices *Offices

	// Memory keeps the answer under Key for other processes; nil means that there are none.
	// Key is the name of the token. Secret authenticates what is kept: whoever can write to
	// Memory, and does not know it, cannot say where requests are sent. With Memory, both are
	// required.
	Memory Memory
	Key    string
	Secret secret.String

	// TTL is how long an answer is believed, as long as a token; 0 means DefaultTTL.
	TTL time.Duration

	// Lazy is for a process whose CPU stands still between calls: a token request waits for
	// the answer that confirms the addresses, instead of going on beside the question.
	Lazy bool

	// UserAgent is sent along; empty means "advoware-go".
	UserAgent string

	// Logger hears of a failure and of what an answer has that is not used, at warn level,
	// once each, and of an address that changes at info level; nil means slog.Default().
	Logger *slog.Logger
}

func (c *Config) setDefaults() {
	c.URL = cmp.Or(c.URL, DefaultURL)
	c.TTL = cmp.Or(c.TTL, DefaultTTL)
	c.UserAgent = cmp.Or(c.UserAgent, "advoware-go")
	c.Logger = cmp.Or(c.Logger, slog.Default())
	if c.Offices == nil {
		c.Offices = new(Offices)
	}
}

// ownTransport returns what sends requests if the caller does not say.
func ownTransport(allowInsecure bool) http.RoundTripper {
	if _, ok := http.DefaultTransport.(*http.Transport); !ok {
		return http.DefaultTransport
	}
	return roundtrip.New(roundtrip.Options{AllowInsecure: allowInsecure, Once: true}) // one request in many minutes
}

// New returns a Finder for cfg, or one error that names every problem. It does no I/O.
// Close it when it is no longer needed.
func New(cfg Config) (*Finder, error) {
	cfg.setDefaults()
	p := conf.New("discovery: ")
	parse := func(field, text string) *url.URL {
		u, err := origin.Parse(text, cfg.AllowInsecure)
		p.If(err != nil, "%s %w", field, err)
		return u
	}
	f := &Finder{url: parse("URL", cfg.URL)}
	base, token := parse("BaseURL", cfg.BaseURL), parse("TokenURL", cfg.TokenURL)
	p.Required("Kanzlei", cfg.Kanzlei == "")
	p.Made("Base", cfg.Base)
	p.Made("Memory", cfg.Memory)
	p.If(cfg.Memory != nil && cfg.Key == "", "Key is required with Memory")
	p.If(cfg.Memory != nil && cfg.Secret.IsZero(), "Secret is required with Memory")
	p.NotNegative("TTL", cfg.TTL)
	if err := p.Err(); err != nil {
		return nil, err
	}
	if cfg.Base == nil {
		cfg.Base = ownTransport(cfg.AllowInsecure)
	}
	f.cfg, f.defaults = cfg, Addresses{API: base, Token: token}
	f.office = cfg.Offices.enter(f.id(), cfg.TTL)
	return f, nil
}

// bound is how long an answer is waited for.
func (c *Config) bound() time.Duration {
	if c.Required {
		return requiredWait
	}
	return autoWait
}
