package proxy

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// The defaults of a Server.
const (
	DefaultDrain         = 30 * time.Second
	DefaultHeaderTimeout = 10 * time.Second
	DefaultIdleTimeout   = 2 * time.Minute
	DefaultMaxHeader     = 64 << 10
)

// Server says where and how a handler is served.
type Server struct {
	// Listeners are served, and closed at the end; at least one is required.
	Listeners []net.Listener

	// TLS, if it is set, is spoken on all Listeners but unix sockets.
	TLS *tls.Config

	// Ready is called once the listeners are served; Draining when the context has ended,
	// before they are closed. Nil calls nothing.
	Ready, Draining func()

	// Drain is how long requests under way are waited for at the end; 0 means DefaultDrain,
	// negative means not at all.
	Drain time.Duration

	// HeaderTimeout is how long the header of a request may take to arrive, IdleTimeout how
	// long a connection may wait for the next request, Stall how long one write may take that
	// is no handler's; MaxHeader is how many bytes a header may have, about: more is answered
	// with status 431. 0 means DefaultHeaderTimeout, DefaultIdleTimeout, DefaultStall and
	// DefaultMaxHeader; a negative one is an error.
	HeaderTimeout, IdleTimeout, Stall time.Duration
	MaxHeader                         int

	// Logger gets what net/http says of connections, at Debug; nil means slog.Default().
	Logger *slog.Logger
}

// ErrCut is an end in which requests were cut off, because they took longer than
// Server.Drain.
var ErrCut = errors.New("proxy: requests were cut off at the end: they took longer than the time to drain")

// Serve serves a handler until ctx ends. Then it accepts no more connections, waits for the
// requests that are under way, and returns nil, or ErrCut. Any other error is that of a
// listener, at which it ends in the same way.
func Serve(ctx context.Context, h http.Handler, s Server) error {
	if len(s.Listeners) == 0 || min(s.HeaderTimeout, s.IdleTimeout, s.Stall) < 0 || s.MaxHeader < 0 {
		return errors.New("proxy: a Server needs Listeners, and no negative times or sizes")
	}
	srv := s.server(h)
	failed := make(chan error, len(s.Listeners))
	for _, l := range s.Listeners {
		go func() {
			if s.TLS != nil && l.Addr().Network() != "unix" {
				failed <- srv.ServeTLS(l, "", "")
				return
			}
			failed <- srv.Serve(l)
		}()
	}
	if s.Ready != nil {
		s.Ready()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	if s.Draining != nil {
		s.Draining()
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), max(0, cmp.Or(s.Drain, DefaultDrain)))
	defer cancel()
	if srv.Shutdown(drain) != nil {
		_ = srv.Close()
		err = errors.Join(err, ErrCut)
	}
	return err
}

func (s *Server) server(h http.Handler) *http.Server {
	logger := cmp.Or(s.Logger, slog.Default())
	stall := cmp.Or(s.Stall, DefaultStall)
	return &http.Server{
		Handler: h, TLSConfig: s.TLS,
		DisableGeneralOptionsHandler: true, // net/http would answer OPTIONS * without asking the handler
		ReadHeaderTimeout:            cmp.Or(s.HeaderTimeout, DefaultHeaderTimeout),
		IdleTimeout:                  cmp.Or(s.IdleTimeout, DefaultIdleTimeout),
		MaxHeaderBytes:               cmp.Or(s.MaxHeader, DefaultMaxHeader),
		ErrorLog:                     slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
		// An answer that net/http makes before a handler is asked, such as 431. A deadline of an
		// HTTP/2 connection would end all that goes over it.
		ConnState: func(c net.Conn, state http.ConnState) {
			if state != http.StateActive {
				return
			}
			if t, ok := c.(*tls.Conn); !ok || t.ConnectionState().NegotiatedProtocol != "h2" {
				_ = c.SetWriteDeadline(time.Now().Add(stall))
			}
		},
	}
}
