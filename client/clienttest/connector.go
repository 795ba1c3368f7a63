package clienttest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"

	"github.com/advoware-go/advoware/client/clienttest/internal/cert"
	"github.com/advoware-go/advoware/client/clienttest/internal/listener"
)

// ConnectorOptions says what the connector of an office is like. Everything is optional.
type ConnectorOptions struct {
	// Addr is the "host:port" to listen on, as Options.Addr; "" is a free port of
	// 127.0.0.1, and with Options.InMemory one from 22222 on.
	Addr string

	// TLS makes it https, with a certificate that vouches for itself: for Hosts, which
	// are names and IP addresses; nil means the host of Addr, localhost, 127.0.0.1 and
	// ::1. The certificate stays the same when the connector moves.
	TLS   bool
	Hosts []string
	// Config, unless it is nil, is for TLS with another certificate, or one that asks for
	// certificates of clients. One that can show none gets the one of TLS.
	Config *tls.Config

	// Relay lets the relay serve the office too. Without it, the relay answers a
	// request for the office with NotConnected, so that a client that has missed the
	// connector is found out. What the vendor's relay does then is not known.
	Relay bool
}

// Connector is the address of one office that does not use the vendor's relay. It serves
// the API of its Kanzlei, to tokens of its Kanzlei. Make it with Server.AddConnector. It
// is safe for concurrent use.
type Connector struct {
	kanzlei string
	relay   bool
	config  *tls.Config // nil without TLS
	place   listener.Movable
}

type connectorKey struct{} // in the contexts of its requests

// AddConnector gives a Kanzlei, known or not, an address of its own, which listens until
// it or the server is closed. Unless SetDiscovery says otherwise, it is the connectorUrl
// of the Kanzlei from now on, wherever it moves and also while it is closed.
//
// The Transport of the server reaches it, and trusts no certificate of its own: a test
// says whom its client trusts, by CA or Pin. A second connector of a Kanzlei, and an
// address that cannot be listened on, are errors.
func (s *Server) AddConnector(kanzlei string, opts ConnectorOptions) (*Connector, error) {
	c := &Connector{kanzlei: kanzlei, relay: opts.Relay}
	if opts.TLS || opts.Config != nil {
		var err error
		if c.config, err = cert.Config(opts.Config, opts.Hosts, opts.Addr); err != nil {
			return nil, err
		}
	}
	ctx := context.WithValue(s.ctx, connectorKey{}, c)
	c.place.Listen = s.listenConnector
	c.place.Serve = func(ln net.Listener) *listener.Server {
		return listener.Serve(ctx, ln, s.handler, c.config, s.accepted)
	}
	s.connectors.mu.Lock()
	defer s.connectors.mu.Unlock()
	switch {
	case s.ctx.Err() != nil:
		return nil, errors.New("clienttest: the server is closed")
	case s.connectors.by[kanzlei] != nil:
		return nil, fmt.Errorf("clienttest: the Kanzlei %q has a connector already", kanzlei)
	}
	if err := c.Move(opts.Addr); err != nil {
		return nil, err
	}
	if s.connectors.by == nil {
		s.connectors.by = make(map[string]*Connector)
	}
	s.connectors.by[kanzlei] = c
	return c, nil
}

type connectors struct {
	mu sync.Mutex
	by map[string]*Connector // by Kanzlei
}

// of returns the connector of a Kanzlei, or nil.
func (c *connectors) of(kanzlei string) *Connector {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.by[kanzlei]
}

// connectorOf returns the connector that a request came to, nil for the relay.
func connectorOf(r *http.Request) *Connector {
	c, _ := r.Context().Value(connectorKey{}).(*Connector)
	return c
}

// serves reports whether tokens of a Kanzlei are valid here: at the relay, which is nil,
// all are.
func (c *Connector) serves(kanzlei string) bool { return c == nil || c.kanzlei == kanzlei }

// URL returns the base of the office's API, with a slash at the end; while the connector
// is closed, the one that it had.
func (c *Connector) URL() string {
	if c.config != nil {
		return "https://" + c.place.Addr() + "/"
	}
	return "http://" + listener.HostOf(c.place.Addr()) + "/"
}

// CA returns the certificate in PEM, for a file of those that a client trusts. It is nil
// without TLS, and if Config chooses certificates by itself.
func (c *Connector) CA() []byte { return cert.PEM(c.config) }

// Pin returns "sha256/" and the base64 of the SHA-256 of the certificate's
// SubjectPublicKeyInfo. It is "" where CA is nil.
func (c *Connector) Pin() string { return cert.Pin(c.config) }

// Move listens on another address, an Addr as in ConnectorOptions, and closes the old one
// with all its connections. If it cannot listen there it stays as it is. A connector that
// was closed is opened.
func (c *Connector) Move(addr string) error { return c.place.Move(addr) }

// Close stops listening and closes all connections, until Open or Move. It is idempotent.
func (c *Connector) Close() { c.place.Close(false) }

// Open listens again on the address of before. It does nothing if the connector is open,
// and fails if somebody else has the address by now.
func (c *Connector) Open() error { return c.place.Open() }

// listenConnector listens on an address, or on a free one.
func (s *Server) listenConnector(addr string) (net.Listener, error) {
	if addr != "" {
		return s.network.Listen(addr)
	}
	if !s.opts.InMemory {
		return s.network.Listen("127.0.0.1:0")
	}
	var ln net.Listener
	var err error
	for port := 22222; port < 1<<16; port++ { // as some connectors in use have
		if ln, err = s.network.Listen(fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			break
		}
	}
	return ln, err
}
