// Package pipenet is a network in memory, for tests that run a client and a
// server in one process and, above all, in one testing/synctest bubble.
//
// A [Network] is a set of listeners by address. Listen on it, hand its
// DialContext to an http.Transport or whatever dials, and everything in between
// behaves like TCP: both ends are buffered, closing lets the other side read
// what was sent and then io.EOF, SetLinger(0) makes Close a reset, deadlines
// work, a full backlog makes a dialer wait.
//
// It is not net.Pipe, because that one has no buffer: a server that answers
// early blocks until the client has read, while the client may be blocked
// writing the rest of its request. Here each direction holds 64 KiB, as much as
// a small socket buffer; beyond that a writer waits, so that code which relies
// on endless buffers still fails.
//
// Whatever waits here waits on a channel or a sync.Cond, which synctest counts as
// durably blocked. Make the Network inside the bubble that uses it.
//
// Everything is safe for concurrent use. See ARCHITECTURE.md for its users.
package pipenet

import (
	"context"
	"fmt"
	"net"
	"sync"
)

// Backlog is how many connections wait for Accept before a dialer has to wait.
const Backlog = 128

// Network is a set of listeners. The zero value is an empty one, ready to use.
// It must not be copied after first use.
type Network struct {
	mu        sync.Mutex
	listeners map[string]*Listener
}

// Listen claims addr, which is "host:port" and compared as text, until the
// listener is closed. An address that is taken is an error that matches
// syscall.EADDRINUSE.
func (n *Network) Listen(addr string) (*Listener, error) {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return nil, fmt.Errorf("pipenet: listen: %w", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.listeners[addr] != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: Addr(addr), Err: errInUse}
	}
	if n.listeners == nil {
		n.listeners = make(map[string]*Listener)
	}
	l := &Listener{
		net:     n,
		addr:    Addr(addr),
		backlog: make(chan *Conn, Backlog),
		closed:  make(chan struct{}),
	}
	n.listeners[addr] = l
	return l, nil
}

// DialContext connects to the listener at addr; the first string, the kind of
// network, is ignored. Without a listener it fails at once with an error that
// matches syscall.ECONNREFUSED. While the backlog is full it waits until there is
// room, the listener closes or ctx ends.
func (n *Network) DialContext(ctx context.Context, _, addr string) (net.Conn, error) {
	fail := func(err error) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: Addr(addr), Err: err}
	}
	if err := ctx.Err(); err != nil {
		return fail(err)
	}
	n.mu.Lock()
	l := n.listeners[addr]
	n.mu.Unlock()
	if l == nil {
		return fail(errRefused)
	}
	near, far := pair("dialer", Addr(addr))
	select {
	case l.backlog <- far:
	case <-l.closed:
		return fail(errRefused)
	case <-ctx.Done():
		return fail(ctx.Err())
	}
	// Close may have emptied the backlog just before this connection got in.
	if l.isClosed() {
		far.reset()
		return fail(errRefused)
	}
	return near, nil
}

// remove frees the listener's address.
func (n *Network) remove(l *Listener) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.listeners[string(l.addr)] == l {
		delete(n.listeners, string(l.addr))
	}
}
