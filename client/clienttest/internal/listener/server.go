package listener

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"sync"

	"github.com/advoware-go/advoware/client/clienttest/internal/wire"
)

// maxHeader is how long the header of a request may be. Requests are remembered, a
// thousand of them; a token has two kilobytes at most, and Windows servers take 16.
const maxHeader = 64 << 10

// Server is an HTTP/1 server on one listener.
type Server struct {
	http   *http.Server
	stop   context.CancelFunc
	conns  sync.WaitGroup // open connections
	served chan struct{}  // closed when no more connections are accepted
}

// Serve serves until Close. Requests have contexts that end with ctx and with Close, and
// carry their connection for wire.Reset. A config that is not nil is for TLS. Accepted
// is called for each connection.
func Serve(ctx context.Context, ln net.Listener, handler http.Handler, config *tls.Config, accepted func()) *Server {
	ctx, stop := context.WithCancel(ctx)
	s := &Server{stop: stop, served: make(chan struct{})}
	var one http.Protocols // a fault closes the connection, which HTTP/2 shares
	one.SetHTTP1(true)
	s.http = &http.Server{
		Handler:   handler,
		Protocols: &one,
		TLSConfig: config,
		// Beyond it net/http answers with 431 before anything is counted.
		MaxHeaderBytes: maxHeader,
		BaseContext:    func(net.Listener) context.Context { return ctx },
		ConnContext:    wire.WithConn,
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew: // on the goroutine that accepts, so never after served
				s.conns.Add(1)
				accepted()
			case http.StateClosed:
				s.conns.Done()
			}
		},
		ErrorLog: log.New(io.Discard, "", 0), // a fake that is made to fail has nothing to report
	}
	go func() {
		defer close(s.served)
		if config != nil {
			s.http.ServeTLS(ln, "", "")
			return
		}
		s.http.Serve(ln)
	}()
	return s
}

// Close stops listening, ends the contexts of all requests, closes all connections and
// waits until they have ended. It is idempotent; every call returns after the end.
func (s *Server) Close() {
	s.stop()
	s.http.Close()
	<-s.served
	s.http.Close() // the connection that was being accepted during the first one
	s.conns.Wait()
}

// AddrOf returns the "host:port" that a request came to.
func AddrOf(r *http.Request) string {
	if addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		return addr.String()
	}
	return ""
}
