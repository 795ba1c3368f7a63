package pipenet

import (
	"net"
	"sync"
)

const network = "pipe"

// Addr is an address in a [Network], "host:port" for a listener.
type Addr string

// Network returns "pipe".
func (Addr) Network() string { return network }

// String returns the address as it was given to Listen.
func (a Addr) String() string { return string(a) }

// Listener is a net.Listener in a [Network].
type Listener struct {
	net     *Network
	addr    Addr
	backlog chan *Conn
	once    sync.Once
	closed  chan struct{}
}

// Accept returns the next connection that was dialled. It waits until there is
// one or the listener is closed; then the error matches net.ErrClosed.
func (l *Listener) Accept() (net.Conn, error) {
	if l.isClosed() {
		return nil, l.errClosed()
	}
	select {
	case c := <-l.backlog:
		return c, nil
	case <-l.closed:
		return nil, l.errClosed()
	}
}

// Close frees the address, ends every Accept and waiting dialer, and resets the
// connections that were not accepted. Accepted ones live on. A second Close
// does nothing and returns nil.
func (l *Listener) Close() error {
	l.once.Do(func() {
		l.net.remove(l)
		close(l.closed)
		for {
			select {
			case c := <-l.backlog:
				c.reset()
			default:
				return
			}
		}
	})
	return nil
}

// Addr returns the address that was given to Listen.
func (l *Listener) Addr() net.Addr { return l.addr }

func (l *Listener) isClosed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

func (l *Listener) errClosed() error {
	return &net.OpError{Op: "accept", Net: network, Addr: l.addr, Err: net.ErrClosed}
}
