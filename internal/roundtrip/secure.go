package roundtrip

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/internal/apitls"
	"github.com/advoware-go/advoware/internal/bounded"
)

// maxHosts is how many hosts a Transport keeps connections to, if it has settings for TLS. An
// API has one, and moves now and then.
const maxHosts = 16

// hosts has a Transport for each host, because crypto/tls does not say which one a handshake is
// with if that is an IP address.
type hosts struct {
	options  Options
	verifier *apitls.Verifier
	last     atomic.Pointer[hostTransport]

	mu  sync.Mutex
	all map[string]*hostTransport
}

type hostTransport struct {
	host string // of URLs
	*Transport
}

func newHosts(o Options) *hosts {
	return &hosts{options: o, verifier: apitls.Open(o.TLS, o.Logger), all: make(map[string]*hostTransport)}
}

// of returns the Transport for the host of a URL.
func (h *hosts) of(u *url.URL) *Transport {
	if last := h.last.Load(); last != nil && last.host == u.Host {
		return last.Transport
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.all[u.Host]
	if t == nil {
		if len(h.all) >= maxHosts {
			for _, t := range h.all { // those under way go on, and are closed when they are idle for long
				bounded.Run(t.CloseIdleConnections)
			}
			clear(h.all)
		}
		base := prepared(h.options)
		secure(base, h.verifier, u)
		t = &hostTransport{u.Host, &Transport{options: h.options}}
		t.current.Store(&generation{Transport: base})
		h.all[u.Host] = t
	}
	h.last.Store(t)
	return t.Transport
}

func (h *hosts) closeIdle() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range h.all {
		t.CloseIdleConnections()
	}
}

// secure has a verifier decide about the connections to the host of a URL, directly or through
// a proxy. The connection to a proxy is not to that host.
func secure(base *http.Transport, v *apitls.Verifier, u *url.URL) {
	proxies := new(tls.Config)
	if base.TLSClientConfig != nil {
		proxies = base.TLSClientConfig.Clone()
	}
	proxies.NextProtos = []string{"http/1.1"} // for CONNECT
	own := v.TLS(base.TLSClientConfig, u.Hostname())
	base.TLSClientConfig = own // net/http adds NextProtos to it before it dials
	dial := base.DialContext
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	target := net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "443"))
	patience := base.TLSHandshakeTimeout
	base.DialTLSContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		raw, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		c := own
		if addr != target && ascii(target) { // else net/http writes it in another way
			c = proxies
		}
		if c = c.Clone(); c.ServerName == "" {
			c.ServerName, _, _ = net.SplitHostPort(addr)
		}
		conn := tls.Client(raw, c)
		if err := handshake(ctx, conn, patience); err != nil {
			_ = raw.Close()
			return nil, err
		}
		return conn, nil
	}
}

// handshake makes a handshake within patience, 0 for any time.
func handshake(ctx context.Context, conn *tls.Conn, patience time.Duration) error {
	if patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, patience, errHandshake)
		defer cancel()
	}
	err := conn.HandshakeContext(ctx)
	if err != nil && context.Cause(ctx) == errHandshake { // not the deadline of the request
		return errHandshake
	}
	return err
}

// errHandshake is a handshake that takes too long, as net/http has it.
var errHandshake = error(handshakeTimeout{})

type handshakeTimeout struct{}

func (handshakeTimeout) Error() string   { return "TLS handshake timeout" }
func (handshakeTimeout) Timeout() bool   { return true }
func (handshakeTimeout) Temporary() bool { return true }

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Elsewhere returns what sends requests to other servers than the API: base, or a Transport
// without the settings that are for the API alone.
func Elsewhere(base http.RoundTripper) http.RoundTripper {
	if t, ok := base.(*Transport); ok && t.options.API {
		t.elsewhere.once.Do(func() {
			t.elsewhere.Store(New(Options{AllowInsecure: t.options.AllowInsecure}))
		})
		return t.elsewhere.Load()
	}
	return base
}
