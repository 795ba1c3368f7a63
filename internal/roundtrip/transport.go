package roundtrip

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/internal/apitls"
	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/origin"
)

const (
	// maxHeader is how long an answer's header may be, and what comes before it.
	maxHeader = 1 << 20
	// idle is how many connections are kept: net/http would keep 2 a host.
	idle = 256
	// An HTTP/2 connection on which nothing comes is pinged, and given up without an
	// answer. An endpoint may take longer than that; a server answers a ping at once.
	pingAfter, pingTimeout = 5 * time.Second, 10 * time.Second
)

// Options say what a Transport is for. They are comparable.
type Options struct {
	// AllowInsecure lets names of this machine be another one's.
	AllowInsecure bool
	// Once gives each request a connection of its own.
	Once bool
	// API is set for requests to the API: a certificate that is not accepted is a
	// [*apitls.CertificateError] then. TLS are the settings for its server.
	API bool
	TLS apitls.Config
	// Logger hears of a certificate file that cannot be used any more; nil means
	// slog.Default(). Transports of a Pool may have that of another.
	Logger *slog.Logger
}

// Transport is an http.RoundTripper with connections of its own. A name or address of
// this machine is dialled at this machine only, unless AllowInsecure is set, and never
// by a proxy; for anything else the proxy variables of the environment count, and a
// proxy that refuses is a [*ProxyError]. A variable that is not the URL of a proxy is an
// error of each request that it is about.
//
// When a request runs out of time and nothing else was answered meanwhile, none of the
// connections is trusted any more: what comes next gets new ones. A network that drops
// connections silently drops all of them, and each would cost a request.
type Transport struct {
	options Options
	current atomic.Pointer[generation]
	hosts   *hosts // nil without settings for TLS; with them nothing but this is used

	elsewhere struct {
		once sync.Once
		atomic.Pointer[Transport]
	}
}

// generation is a set of connections that are trusted together.
type generation struct {
	*http.Transport
	unchanged unchanged // what it sends by for a proxy
	made      time.Time
	answers   atomic.Uint64
}

// New returns a Transport, which opens no connection yet. It is set up like
// http.DefaultTransport, as far as a program has not put something else there, but that
// verifies servers.
func New(o Options) *Transport {
	t := &Transport{options: o}
	if o.TLS != (apitls.Config{}) {
		t.hosts = newHosts(o)
		return t
	}
	t.current.Store(&generation{Transport: prepared(o)})
	return t
}

// prepared returns what a Transport sends by.
func prepared(o Options) *http.Transport {
	base, ok := http.DefaultTransport.(*http.Transport)
	if ok {
		base = base.Clone()
	} else {
		base = &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true,
			IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
		}
	}
	base.MaxIdleConns, base.MaxIdleConnsPerHost = idle, idle
	base.MaxResponseHeaderBytes = maxHeader
	base.DisableKeepAlives = o.Once
	base.HTTP2 = &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout}
	base.OnProxyConnectResponse = tunnelled
	base.Proxy = past(heeded(base.Proxy))
	// A program that does not care whom it talks to does not mean the password and the token.
	if c := base.TLSClientConfig; c != nil && c.VerifyConnection == nil && c.VerifyPeerCertificate == nil {
		c.InsecureSkipVerify = false
	}
	if !o.AllowInsecure {
		base.DialContext = guarded(base.DialContext)
	}
	return base
}

// past returns a proxy function that leaves this machine out.
func past(proxy proxyFunc) proxyFunc {
	if proxy == nil {
		return nil
	}
	return func(req *http.Request) (*url.URL, error) {
		if origin.Local(req.URL.Hostname()) {
			return nil, nil
		}
		return proxy(req)
	}
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.hosts != nil {
		if req.URL.Scheme != "https" {
			closeRequest(req)
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errPlain}
		}
		t = t.hosts.of(req.URL)
	}
	g := t.current.Load()
	before := g.answers.Load()
	resp, err := t.send(g, req)
	if err != nil {
		t.failed(g, before, req, err)
		if err = g.unquoted(req, err); t.options.API {
			err = t.options.TLS.Explain(req.URL.Host, err)
		}
		return nil, err
	}
	before = g.answers.Add(1)
	if resp.Body != http.NoBody {
		if resp.ProtoMajor > 1 {
			resp.Body = &patientBody{ReadCloser: resp.Body, ctx: req.Context()}
		}
		resp.Body = &body{resp.Body, t, g, before, req}
	}
	return resp, nil
}

// body is a response body that reports when the rest of it does not arrive.
type body struct {
	io.ReadCloser
	transport  *Transport
	generation *generation
	answers    uint64 // so many, when this one came
	req        *http.Request
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		b.transport.failed(b.generation, b.answers, b.req, err)
	}
	return n, err
}

// errPlain is for an address that came after the settings were checked.
var errPlain = errors.New("the API is reached by plain http, and its settings for TLS would have no effect")

func closeRequest(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// failed records a request without a response, or without all of it. answers is the number of
// responses in g when the wait began.
func (t *Transport) failed(g *generation, answers uint64, req *http.Request, err error) {
	if ranOut(req, err) && g.answers.Load() == answers {
		t.distrust(g)
	}
}

// ranOut reports whether a request was ended by its deadline, and not by a cancellation.
func ranOut(req *http.Request, err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.Is(context.Cause(req.Context()), context.DeadlineExceeded)
}

// distrust lets requests that come next have new connections. Those under way stay as
// they are, and their connections are closed when they are done. A client whose deadlines
// always pass gets new connections once a second.
func (t *Transport) distrust(g *generation) {
	now := time.Now()
	if g.DisableKeepAlives || now.Sub(g.made) < time.Second {
		return
	}
	if t.current.CompareAndSwap(g, &generation{Transport: g.Clone(), made: now}) {
		bounded.Run(g.CloseIdleConnections)
		// HTTP/2 keeps a connection whose requests end after that.
		time.AfterFunc(pingAfter+pingTimeout, g.CloseIdleConnections)
	}
}

// CloseIdleConnections closes connections that no request uses, as http.Client does.
func (t *Transport) CloseIdleConnections() {
	if other := t.elsewhere.Load(); other != nil {
		other.CloseIdleConnections()
	}
	if t.hosts != nil {
		t.hosts.closeIdle()
		return
	}
	t.current.Load().closeIdle()
}

// closeIdle does not wait for a connection that has come to a standstill.
func (g *generation) closeIdle() {
	aside(context.Background(), grace, func() (struct{}, error) { g.CloseIdleConnections(); return struct{}{}, nil })
}
