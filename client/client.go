// Package client calls the Advoware REST API with a token that is always there.
//
// [Client.Call] takes a method, an endpoint and JSON, and returns JSON; [Get],
// [Post], [Put], [Patch] and [Delete] decode it too. For anything else there are
// [Client.Do] and [Client.HTTPClient], which generated code can use. Below them is
// [Transport], an http.RoundTripper that adds the token, asks once more after a
// 401, and lets the token go nowhere but to the configured origin.
//
// The package advoware, at the root of the module, makes a ready Client from the
// environment. To make one by hand, give [New] a token.Source.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the way of
// one call and for what happens in each failure.
package client

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/apitls"
	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/clienthook"
	"github.com/advoware-go/advoware/internal/conf"
	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/internal/roundtrip"
	"github.com/advoware-go/advoware/internal/sent"
	"github.com/advoware-go/advoware/internal/tokenheader"
)

// The defaults of Config.
const (
	DefaultBaseURL = "https://www2.advo-net.net:90/"
	DefaultTimeout = 30 * time.Second
)

// Config says which API is called, and with whose tokens.
type Config struct {
	// BaseURL is what endpoints are joined to; empty means DefaultBaseURL. Its scheme,
	// host and port are the only place that the token is sent to. Plain http is
	// refused for anything but loopback, unless AllowInsecure is set.
	BaseURL       string
	AllowInsecure bool

	// Discovery, if it is set, knows where the API is: what is meant for BaseURL is sent to
	// its present address, and the token goes nowhere else. Close closes it. Give the
	// gateway.Gateway the same one.
	Discovery *discovery.Finder

	// Source has the tokens; required. Close closes it.
	Source *token.Source

	// TokenHeader is the header that has the token; the zero value is "Authorization: Bearer …".
	TokenHeader TokenHeader

	// Base sends the requests; nil means a transport of the package's own that keeps
	// enough idle connections for many calls at a time. It honours the proxy variables of
	// the environment, but for this machine, dials what is named as this machine nowhere
	// else unless AllowInsecure is set, and closes connections that died silently.
	// Where another Base connects to is not checked, only the name in a plain http URL.
	// It must heed the contexts of requests, in the bodies of its answers too: a call ends
	// no sooner than it does.
	Base http.RoundTripper

	// Wrap, if it is set, returns what is used in place of Base, or of the package's own
	// transport: one that traces each attempt and passes it on, for one. It may change no
	// request and no answer, and must not repeat a request.
	Wrap func(http.RoundTripper) http.RoundTripper

	// TLS says which certificate the API may have. With a Base, and with a BaseURL that is
	// http, a field that is set is an error.
	TLS TLS

	// Timeout bounds one Call, token, retry and body included, unless the Request has
	// its own, and one Do up to the header of its answer; 0 means DefaultTimeout,
	// negative means no bound.
	Timeout time.Duration

	// MaxAnswer is how many bytes of a good answer a Call holds in memory, unless the
	// Request has a bound of its own, see there; 0 means DefaultMaxAnswer, negative means
	// no bound.
	MaxAnswer int64

	// ReplayLimit is how many bytes of a body that can be read only once are kept for
	// a second attempt; 0 means 1 MiB, see Transport.ReplayLimit.
	ReplayLimit int

	// ReadOnly refuses requests other than GET, HEAD and OPTIONS before anything is sent,
	// with ErrReadOnly, whichever way they are made and wherever they would go. Methods
	// are written in capitals.
	ReadOnly bool

	// UserAgent is sent along; empty means "advoware-go".
	UserAgent string

	// Logger gets a record for each request and for each call that failed, at CallLevel;
	// nil means slog.Default(). The level is low because the caller has the error, and
	// decides whether to log it.
	Logger *slog.Logger

	// CallLevel is the level of those records, slog.LevelInfo for one; nil means
	// slog.LevelDebug.
	CallLevel slog.Leveler

	stores clienthook.Stores // set by package advoware
}

func init() {
	clienthook.Attach = func(config any, s clienthook.Stores) { config.(*Config).stores = s }
}

// Client calls one API as one identity. Make it with [New].
type Client struct {
	transport *Transport // which has the rest of the Config: a process may have thousands of Clients
	http      *http.Client
	source    *token.Source
	own       *roundtrip.Transport // nil if Base is the caller's
	maxBytes  int64                // Config.MaxAnswer
	userAgent string
	stores    clienthook.Stores
	closing   atomic.Bool
	closed    sync.WaitGroup // done when Close is
	closeErr  error
}

// New returns a Client for cfg, or one error that names every problem. It reads the files
// of Config.TLS, and sends nothing. Close it when it is no longer needed.
func New(cfg Config) (*Client, error) {
	cfg.setDefaults()
	p := conf.New("client: ")
	base, err := origin.Parse(cfg.BaseURL, cfg.AllowInsecure)
	p.If(err != nil, "BaseURL %w", err)
	p.Required("Source", cfg.Source == nil)
	p.Made("Base", cfg.Base)
	problem := tokenheader.Header(cfg.TokenHeader).Problem()
	p.If(problem != "", "TokenHeader %s", problem)
	use := apitls.Use{Name: tlsField, BaseURL: cfg.BaseURL, BaseURLName: "BaseURL", Discovered: cfg.Discovery != nil}
	if cfg.Base != nil {
		use.Transport = "Base"
	}
	p.Add(apitls.Config(cfg.TLS).Check("client: ", use))
	if err := p.Err(); err != nil {
		return nil, err
	}
	c := &Client{source: cfg.Source, maxBytes: cfg.MaxAnswer, userAgent: cfg.UserAgent, stores: cfg.stores}
	c.closed.Add(1)
	if cfg.Base == nil {
		c.own = roundtrip.New(roundtrip.Options{AllowInsecure: cfg.AllowInsecure, API: true, TLS: apitls.Config(cfg.TLS), Logger: cfg.Logger})
		cfg.Base = c.own
	}
	c.transport = &Transport{
		Source: cfg.Source, Origin: base, TokenHeader: cfg.TokenHeader, Discovery: cfg.Discovery, Base: roundtrip.Wrapped(cfg.Wrap, cfg.Base),
		ReplayLimit: cfg.ReplayLimit, ReadOnly: cfg.ReadOnly,
		Logger: cfg.Logger, Level: cfg.CallLevel, timeout: cfg.Timeout,
	}
	c.http = &http.Client{Transport: c.transport, CheckRedirect: c.checkRedirect}
	return c, nil
}

func (c *Config) setDefaults() {
	c.BaseURL = cmp.Or(c.BaseURL, DefaultBaseURL)
	c.Timeout = cmp.Or(c.Timeout, DefaultTimeout)
	c.MaxAnswer = cmp.Or(c.MaxAnswer, DefaultMaxAnswer)
	c.UserAgent = cmp.Or(c.UserAgent, "advoware-go")
	c.Logger = cmp.Or(c.Logger, slog.Default())
	if c.CallLevel == nil {
		c.CallLevel = slog.LevelDebug
	}
}

// Do sends a request of the caller's making with the token, as http.Client.Do
// would, and follows redirects within the origin. A URL of another origin, and a
// redirect to one, is an [*OriginError]. Statuses are not errors here. For what
// becomes of a body after a 401 see [Transport].
//
// Config.Timeout bounds it up to the header of the answer: token, redirects and the
// second attempt after a 401. Then the body is the caller's, for as long as the
// request's own context lasts; a body that stalls ends with that context, and with
// nothing else.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	if c == nil || c.transport == nil || req == nil {
		if err := c.usable(context.Background()); err != nil {
			return nil, err
		}
		return nil, &RequestError{Err: errors.New("the request is nil")}
	}
	switch {
	case req.URL == nil || req.RequestURI != "":
		closeBody(req)
		return nil, &RequestError{Err: errors.New("the request has no URL, or a RequestURI, as one has that a server got")}
	case !c.transport.ours(req.URL):
		closeBody(req)
		return nil, &OriginError{Origin: origin.Of(c.transport.api()), Target: origin.Of(req.URL)}
	}
	resp, err := c.http.Do(req)
	if ue, ok := err.(*url.Error); ok {
		ue.URL = req.URL.Redacted()      // not a redirect's target, which may repeat the token
		if !errors.Is(err, ErrNotSent) { // net/http could not follow a redirect
			ue.Err = sent.Maybe(ue.Err)
		}
	}
	return resp, err
}

// HTTPClient returns an http.Client that adds the token, for code that wants one. It is
// bounded as Do is; its Timeout, if it is set, holds for bodies too.
// A request of its own to another origin goes out without a token; a redirect to
// another origin is an [*OriginError].
func (c *Client) HTTPClient() *http.Client {
	h := *c.http
	return &h
}

// Source returns the source of the Client's tokens.
func (c *Client) Source() *token.Source { return c.source }

// Close ends the Client, its Source and what belongs to it: a token request under
// way is cancelled, writes to a far store that are under way are waited for, as
// long as that store allows. It may be called at any moment and more than once.
// Calls that begin after it fail with token.ErrClosed; a Base of the caller's stays
// as it is. A Close beside another one waits for it and returns the same, but no longer
// than a second: it may be what the other one waits for.
func (c *Client) Close() error {
	if c == nil || c.transport == nil { // not made by New
		return nil
	}
	if c.closing.Swap(true) {
		select {
		case r := <-bounded.Go(func() (any, error) { c.closed.Wait(); return nil, c.closeErr }):
			return r.Err
		case <-time.After(closePatience):
			return nil
		}
	}
	defer c.closed.Done()
	c.transport.closed.Store(true)
	c.source.Close()
	if c.transport.Discovery != nil {
		c.transport.Discovery.Close()
	}
	if c.own != nil {
		c.own.CloseIdleConnections()
	}
	if c.stores.Close != nil {
		c.closeErr = c.stores.Close()
	}
	return c.closeErr
}

const closePatience = time.Second
