// Package clienttest is a fake Advoware: the token endpoint and an API with
// German sample data, in this process, for tests, examples and the sandbox of
// the command. It is to a client of Advoware what httptest is to net/http.
//
//	fake := clienttest.Start(t, clienttest.Options{})
//	… fake.BaseURL(), fake.TokenURL(), fake.Client(), fake.Env() …
//
// It checks every field of a token request, the nonce, the timestamp, the signature and
// the bearer. It shares no code with the client: an error that both had would not be
// found. [Fault]
// makes it fail when a test asks for it, [Counts] and [Request] say what reached it.
//
// It listens on loopback, or with Options.InMemory on a network in memory that
// runs inside a testing/synctest bubble. It does not import testing: [Start] takes the
// test as a [TB]. Package advowaretest makes the advoware.Config that leads to it, too.
//
// Everything is safe for concurrent use. See ARCHITECTURE.md for its place.
package clienttest

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/gateway"
	"github.com/advoware-go/advoware/client/clienttest/internal/lines"
	"github.com/advoware-go/advoware/client/clienttest/internal/wire"
	"github.com/advoware-go/advoware/internal/pipenet"
)

// tokenPath is where the gateway issues tokens (protocol: Token request).
const tokenPath = "/api/v1/Token"

// Server is a running fake Advoware. Make it with [New], or with [Start] in a test.
type Server struct {
	base         url.URL
	identity     Identity // the one of Options
	opts         Options  // what New was given, with defaults; see Options()
	settings     settings
	gateway      gateway.Gateway
	tokens       gateway.Tokens
	discovery    discovery
	faults       faults
	log          requestLog
	counters     counters
	appointments *appointments
	api          map[string]methods
	http         *http.Server
	transport    *http.Transport
	stop         context.CancelFunc
	conns        sync.WaitGroup // open connections
	served       chan struct{}  // closed when no more connections are accepted
}

// New starts a fake Advoware that listens on loopback or, with InMemory, on a
// network of its own. Close it when done. All that is wrong with opts is reported
// in one error.
func New(opts Options) (*Server, error) {
	opts = opts.withDefaults()
	if err := opts.check(); err != nil {
		return nil, err
	}
	ln, dial, err := listen(opts)
	if err != nil {
		return nil, err
	}
	opts.Addr = ln.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{
		base:         url.URL{Scheme: "http", Host: hostOf(opts.Addr), Path: "/"},
		identity:     opts.identity(),
		opts:         opts,
		stop:         stop,
		appointments: newAppointments(),
		served:       make(chan struct{}),
		transport: &http.Transport{
			DialContext:         dial,
			MaxIdleConns:        idleConns,
			MaxIdleConnsPerHost: idleConns,
			IdleConnTimeout:     90 * time.Second,
		},
	}
	s.settings.from(opts)
	s.gateway.Window, s.gateway.Strict = opts.TimestampWindow, opts.Strict
	s.gateway.Add(gateway.Identity(s.identity))
	s.api = s.routes()
	s.http = &http.Server{
		Handler:     lines.Around(opts.Log, s.serve),
		BaseContext: func(net.Listener) context.Context { return ctx },
		ConnContext: wire.WithConn,
		ConnState:   s.connState,
		ErrorLog:    log.New(io.Discard, "", 0), // a fake that is made to fail has nothing to report
	}
	go func() {
		defer close(s.served)
		s.http.Serve(ln)
	}()
	return s, nil
}

// idleConns is enough for a test or benchmark with hundreds of callers to keep
// its connections.
const idleConns = 1024

func listen(opts Options) (net.Listener, func(context.Context, string, string) (net.Conn, error), error) {
	if opts.InMemory {
		var network pipenet.Network
		ln, err := network.Listen(opts.Addr)
		if err != nil {
			return nil, nil, fmt.Errorf("clienttest: %w", err)
		}
		return ln, network.DialContext, nil
	}
	ln, err := net.Listen("tcp", opts.Addr)
	if err != nil {
		return nil, nil, fmt.Errorf("clienttest: %w", err)
	}
	if !isLoopback(ln.Addr().String()) { // a hosts file can say anything of localhost
		ln.Close()
		return nil, nil, fmt.Errorf("clienttest: %s is not a loopback address", ln.Addr())
	}
	return ln, (&net.Dialer{}).DialContext, nil
}

// hostOf returns addr without the port that a URL need not name.
func hostOf(addr string) string {
	if host, port, err := net.SplitHostPort(addr); err == nil && port == "80" && net.ParseIP(host) == nil {
		return host
	}
	return addr
}

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
	s.http.Close()
	<-s.served
	s.http.Close() // the connection that was being accepted during the first one
	s.conns.Wait()
	s.transport.CloseIdleConnections()
}

func (s *Server) connState(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew: // on the goroutine that accepts, so never after served
		s.conns.Add(1)
		s.counters.add(func(c *Counts) { c.Connections++ })
	case http.StateClosed:
		s.conns.Done()
	}
}
