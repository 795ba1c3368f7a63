// Package control serves all that a fake Advoware can do over HTTP, for programs in other
// languages, with one page for people at its root. It is `advoware sandbox --control`; see
// docs/sandbox.md for each request that it takes.
//
// It listens on loopback only. All its addresses begin with a random key, so that other
// users of the machine and pages of others in a browser cannot use it. What others send is
// bounded in size, time and number.
//
// Everything is safe for concurrent use.
package control

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

const (
	maxConns     = 128  // open at a time; further ones wait
	maxWaits     = 64   // requests that wait or follow at a time
	maxListed    = 1000 // faults, observers, identities, offices with a discovery of their own
	maxConnector = 100  // each of which listens

	sendTime = 10 * time.Second // for each answer, or each part of one that is followed
)

// Server serves the control of one fake. Make it with [Start].
type Server struct {
	fake   *clienttest.Server
	key    string
	addr   string
	routes []route
	page   http.Handler

	faults, observers injections
	offices           offices
	waits             chan struct{} // has a value for each request that waits

	http   *http.Server
	stop   context.CancelFunc
	conns  sync.WaitGroup
	served chan struct{}
}

// CheckAddr reports whether a HOST:PORT can be listened on: it must be loopback.
func CheckAddr(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	switch {
	case err != nil:
		return errors.New("is not of the form HOST:PORT, such as 127.0.0.1:0")
	case !isLoopback(host):
		return errors.New("is not a loopback address")
	}
	return nil
}

// Start serves the control of a fake on an address, until Close. Close it before the fake.
func Start(fake *clienttest.Server, addr string) (*Server, error) {
	if err := CheckAddr(addr); err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	if err := CheckAddr(ln.Addr().String()); err != nil { // a hosts file can say anything of localhost
		ln.Close()
		return nil, fmt.Errorf("%s %w", ln.Addr(), err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{
		fake: fake, key: rand.Text(), addr: ln.Addr().String(), page: pageHandler(),
		waits: make(chan struct{}, maxWaits), stop: stop, served: make(chan struct{}),
	}
	s.routes = s.table()
	s.offices.list = []identity{identityOf(fake.Options())}
	var one http.Protocols
	one.SetHTTP1(true)
	s.http = &http.Server{
		Handler:   s,
		Protocols: &one,

		DisableGeneralOptionsHandler: true, // OPTIONS * needs the key, too

		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       sendTime,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    16 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew: // on the goroutine that accepts, so never after served
				s.conns.Add(1)
			case http.StateClosed:
				s.conns.Done()
			}
		},
		ErrorLog: log.New(io.Discard, "", 0), // it would show addresses, which have the key
	}
	go func() {
		defer close(s.served)
		_ = s.http.Serve(limited(ln, maxConns))
	}()
	return s, nil
}

// URL returns the base of all addresses, with the key and a slash at the end. It is a
// secret.
func (s *Server) URL() string { return "http://" + s.addr + "/" + s.key + "/" }

// Format writes where it is, whatever the verb, without the key.
func (s *Server) Format(f fmt.State, _ rune) { fmt.Fprint(f, "control.Server at "+s.addr) }

// Close stops listening, ends all requests, those that follow included, closes all
// connections and waits until they have ended. It is idempotent.
func (s *Server) Close() {
	s.stop()
	_ = s.http.Close()
	<-s.served
	_ = s.http.Close() // the connection that was being accepted during the first one
	s.conns.Wait()
}

// limited returns a listener that has at most n connections open.
func limited(ln net.Listener, n int) net.Listener {
	return &limitListener{Listener: ln, free: make(chan struct{}, n), closed: make(chan struct{})}
}

type limitListener struct {
	net.Listener
	free   chan struct{} // has a value for each open connection
	closed chan struct{}
	once   sync.Once
}

func (l *limitListener) Accept() (net.Conn, error) {
	select {
	case l.free <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.free
		return nil, err
	}
	return &limitedConn{Conn: c, release: sync.OnceFunc(func() { <-l.free })}, nil
}

func (l *limitListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

type limitedConn struct {
	net.Conn
	release func()
}

func (c *limitedConn) Close() error {
	defer c.release()
	return c.Conn.Close()
}
