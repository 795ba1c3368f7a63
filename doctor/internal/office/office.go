// Package office looks at what lies between this machine and an office: discovery, the security
// gateway, the API, and the clock by which requests are signed.
//
// An [Office] has a method for each group of checks; all may run at once, and one waits for
// what another finds out. Unless it is asked to, none sends anything that an account could be
// affected by.
//
// See ARCHITECTURE.md for the package in context.
package office

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/probe"
	"github.com/advoware-go/advoware/doctor/internal/settings"
	"github.com/advoware-go/advoware/internal/apitls"
	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/internal/redact"
	"github.com/advoware-go/advoware/internal/roundtrip"
)

// The names of the groups.
const (
	ClockGroup     = "clock"
	DiscoveryGroup = "discovery"
	GatewayGroup   = "gateway"
	APIGroup       = "API"
)

// How long each part may take, so that all together end in time.
const (
	askWait   = 3 * time.Second
	probeWait = 3 * time.Second
)

// Options say what is looked at.
type Options struct {
	Config advoware.Config
	// Environment is what Config was read from; nil if it was not.
	Environment *settings.Environment
	// Fetch makes a token request, and Endpoint a GET of that, "" for none. Both go by the
	// client that Client returns, the same each time.
	Fetch    bool
	Endpoint string
	Client   func() (*client.Client, error)
}

// Office is one configuration under examination.
type Office struct {
	Options
	places    *later[places]
	atGateway *later[probe.Result]
	atAPI     *later[probe.Result]
	fetched   *later[bool] // whether the token request brought a token; true if there is none
}

// places are where the gateway and the API are, nil if that is not known, with the reason.
type places struct {
	api, token       *url.URL
	whyAPI, whyToken string
	discovered       bool
}

// New returns an Office for one examination.
func New(o Options) *Office {
	c := &o.Config
	c.BaseURL = cmp.Or(c.BaseURL, client.DefaultBaseURL)
	c.TokenURL = cmp.Or(c.TokenURL, gateway.DefaultURL)
	c.DiscoveryURL = cmp.Or(c.DiscoveryURL, discovery.DefaultURL)
	c.Discovery = cmp.Or(c.Discovery, advoware.DiscoveryAuto)
	return &Office{Options: o, places: newLater[places](), atGateway: newLater[probe.Result](), atAPI: newLater[probe.Result](), fetched: newLater[bool]()}
}

// Groups returns all groups, in the order in which they are shown.
func (o *Office) Groups() []check.Group {
	return []check.Group{
		{Name: ClockGroup, Look: o.clock}, {Name: DiscoveryGroup, Look: o.discovery},
		{Name: GatewayGroup, Look: o.gateway}, {Name: APIGroup, Look: o.api},
	}
}

// configured returns the places that the configuration names.
func (o *Office) configured() places {
	var p places
	var err error
	if p.whyToken = o.Environment.Bad("ADVOWARE_TOKEN_URL"); p.whyToken == "" {
		if p.token, err = origin.Parse(o.Config.TokenURL, o.Config.AllowInsecure); err != nil {
			p.whyToken = "the token URL " + err.Error()
		}
	}
	if p.whyAPI = o.Environment.Bad("ADVOWARE_API_BASE_URL"); p.whyAPI == "" {
		if p.api, err = origin.Parse(o.Config.BaseURL, o.Config.AllowInsecure); err != nil {
			p.whyAPI = "the base URL " + err.Error()
		}
	}
	return p
}

// gatewayBase returns what sends token requests.
func (o *Office) gatewayBase() http.RoundTripper {
	if o.Config.GatewayTransport != nil {
		return o.Config.GatewayTransport
	}
	return o.base(roundtrip.Options{AllowInsecure: o.Config.AllowInsecure, Once: true})
}

// apiBase returns what sends API requests.
func (o *Office) apiBase() http.RoundTripper { return o.base(o.apiOptions()) }

func (o *Office) apiOptions() roundtrip.Options {
	return roundtrip.Options{AllowInsecure: o.Config.AllowInsecure, API: true, Once: true, TLS: apitls.Config(o.Config.APITLS)}
}

func (o *Office) base(own roundtrip.Options) http.RoundTripper {
	if o.Config.Transport != nil {
		return o.Config.Transport
	}
	return roundtrip.New(own)
}

// probe looks how far a request to u comes.
func (o *Office) probe(ctx context.Context, u *url.URL, base http.RoundTripper) probe.Result {
	r := probe.Send(ctx, base, u, probeWait)
	if _, ours := base.(*roundtrip.Transport); !ours {
		return r
	}
	if by, err := roundtrip.ProxyOf(roundtrip.Options{AllowInsecure: o.Config.AllowInsecure}, u); err == nil && by != nil {
		r.Proxy = redact.OneLine(by.Host, 200)
	}
	return r
}

// telling is how much earlier than its group a request ends, to say so.
const telling = 500 * time.Millisecond

// earlier returns a context that ends a little earlier than ctx.
func earlier(ctx context.Context) (context.Context, context.CancelFunc) {
	if end, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, end.Add(-telling))
	}
	return context.WithCancel(ctx)
}

// unusable returns why no request can be made with the credentials, "" if one can.
func (o *Office) unusable() string {
	if o.Environment != nil && o.Environment.Lost {
		return "the configuration cannot be used"
	}
	return o.Environment.Bad("ADVOWARE_") // with a default in its place, a request may go elsewhere
}

// relay reports whether a host is one of the vendor's.
func relay(u *url.URL) bool {
	host := strings.ToLower(u.Hostname())
	return strings.HasSuffix(host, ".advo-net.net") || strings.HasSuffix(host, ".advo-net.org")
}
