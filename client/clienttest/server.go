// Package clienttest is a fake Advoware in this process, for tests, examples and the
// sandbox of the command: the security gateway, the API with German sample data, and
// discovery. It is to a client of Advoware what httptest is to net/http.
//
//	fake := clienttest.Start(t, clienttest.Options{})
//	… fake.BaseURL(), fake.TokenURL(), fake.Client(), fake.Env() …
//
// It checks every field of a token request, the nonce, the timestamp, the signature and
// the bearer, as leniently as programs in use need it or, with Options.Strict, as the
// vendor's documents show it. It shares no code with the client: an error that both had
// would not be found.
//
// [Server.Inject] makes it fail, with a [Refusal] of the vendor or anything else, and
// says how often; [Server.Observe] waits for requests; [Counts] and [Request] say what
// reached it. [Server.AddIdentity] and [Server.AddConnector] make further offices, and
// [Server.SetDiscovery] says where they are found.
//
// It listens on loopback, or with Options.InMemory on a network in memory that
// runs inside a testing/synctest bubble. It does not import testing: [Start] takes the
// test as a [TB]. Package advowaretest makes the advoware.Config that leads to it, too.
//
// Everything is safe for concurrent use. See docs/sandbox.md for what it can do, and
// ARCHITECTURE.md for its place.
package clienttest

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/gateway"
	"github.com/advoware-go/advoware/client/clienttest/internal/lines"
	"github.com/advoware-go/advoware/client/clienttest/internal/listener"
	"github.com/advoware-go/advoware/client/clienttest/internal/office"
	"github.com/advoware-go/advoware/client/clienttest/internal/ring"
)

// tokenPath is where the gateway issues tokens (protocol: Token request).
const tokenPath = "/api/v1/Token"

// Server is a running fake Advoware. Make it with [New], or with [Start] in a test.
type Server struct {
	base       url.URL
	identity   Identity // the one of Options
	opts       Options  // what New was given, with defaults; see Options()
	settings   settings
	gateway    gateway.Gateway
	tokens     gateway.Tokens
	discovery  discovery
	faults     faults
	log        *ring.Ring[*entry]
	counters   counters
	offices    office.Offices
	connectors connectors
	network    listener.Network
	handler    http.Handler // of the relay and of all connectors
	relay      *listener.Server
	transport  *http.Transport
	ctx        context.Context // ends with Close
	stop       context.CancelFunc
}

// New starts a fake Advoware that listens on loopback or, with InMemory, on a
// network of its own. Close it when done. All that is wrong with opts is reported
// in one error.
func New(opts Options) (*Server, error) {
	opts = opts.withDefaults()
	if err := opts.check(); err != nil {
		return nil, err
	}
	network := opts.network()
	ln, err := network.Listen(opts.Addr)
	if err != nil {
		return nil, err
	}
	opts.Addr = ln.Addr().String()
	s := &Server{
		base:     url.URL{Scheme: "http", Host: listener.HostOf(opts.Addr), Path: "/"},
		identity: opts.identity(),
		opts:     opts,
		log:      ring.New[*entry](RequestsKept),
		network:  network,
		transport: &http.Transport{
			DialContext:         network.DialContext,
			MaxIdleConns:        idleConns,
			MaxIdleConnsPerHost: idleConns,
			IdleConnTimeout:     90 * time.Second,
		},
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.settings.from(opts)
	s.gateway.Window, s.gateway.Strict = opts.TimestampWindow, opts.Strict
	s.gateway.Add(gateway.Identity(s.identity))
	s.tokens.Seed = opts.Seed
	s.handler = lines.Around(opts.Log, s.serve)
	s.relay = listener.Serve(s.ctx, ln, s.handler, nil, s.accepted)
	return s, nil
}

// accepted counts a connection.
func (s *Server) accepted() { s.counters.add(func(c *Counts) { c.Connections++ }) }

// idleConns is enough for a test or benchmark with hundreds of callers to keep
// its connections.
const idleConns = 1024

// BaseURL returns the base of the API, with a slash at the end.
func (s *Server) BaseURL() string { return s.base.String() }

// Format writes where the server is, whatever the verb, not the tokens and requests that
// it holds, which change meanwhile.
func (s *Server) Format(f fmt.State, _ rune) { fmt.Fprint(f, "clienttest.Server at "+s.BaseURL()) }

// TokenURL returns the address of the token endpoint.
func (s *Server) TokenURL() string {
	return s.base.ResolveReference(&url.URL{Path: tokenPath}).String()
}

// Transport returns the one transport that reaches this server, in memory too. It
// ignores proxies from the environment and keeps many idle connections. Close
// closes them.
func (s *Server) Transport() *http.Transport { return s.transport }

// Client returns a new client on Transport, without a timeout. It sends no token
// by itself.
func (s *Server) Client() *http.Client { return &http.Client{Transport: s.transport} }

// Close stops the server: it stops listening, ends all delays and hanging answers,
// closes all connections and waits until they have ended. It is idempotent and safe
// at any moment; every call returns after the server is down.
func (s *Server) Close() {
	s.stop()
	s.relay.Close()
	s.connectors.mu.Lock()
	all := slices.Collect(maps.Values(s.connectors.by))
	s.connectors.mu.Unlock()
	for _, c := range all {
		c.place.Close(true)
	}
	s.transport.CloseIdleConnections()
}
