// Package listener is where the fake listens: on loopback or on a network in memory. A
// Server is one HTTP server on one address, whose end can be waited for.
package listener

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/advoware-go/advoware/internal/pipenet"
)

// Network is loopback or, made with InMemory, one of its own. It is safe for concurrent
// use.
type Network struct{ memory *pipenet.Network }

// InMemory returns a network that nothing else reaches.
func InMemory() Network { return Network{new(pipenet.Network)} }

// Check reports whether a "host:port" can be listened on: outside memory it must be
// loopback.
func (n Network) Check(addr string) error {
	switch _, _, err := net.SplitHostPort(addr); {
	case err != nil:
		return fmt.Errorf("clienttest: Addr: %w", err)
	case n.memory == nil && !isLoopback(addr):
		return fmt.Errorf("clienttest: Addr %q is not a loopback address", addr)
	}
	return nil
}

// Listen listens on an address that passes Check.
func (n Network) Listen(addr string) (net.Listener, error) {
	if err := n.Check(addr); err != nil {
		return nil, err
	}
	if n.memory != nil {
		ln, err := n.memory.Listen(addr)
		if err != nil {
			return nil, fmt.Errorf("clienttest: %w", err)
		}
		return ln, nil
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("clienttest: %w", err)
	}
	if !isLoopback(ln.Addr().String()) { // a hosts file can say anything of localhost
		ln.Close()
		return nil, fmt.Errorf("clienttest: %s is not a loopback address", ln.Addr())
	}
	return ln, nil
}

// DialContext is for an http.Transport.
func (n Network) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	if n.memory != nil {
		return n.memory.DialContext(ctx, network, addr)
	}
	return new(net.Dialer).DialContext(ctx, network, addr)
}

// HostOf returns addr without the port that an http URL need not name.
func HostOf(addr string) string {
	if host, port, err := net.SplitHostPort(addr); err == nil && port == "80" && net.ParseIP(host) == nil {
		return host
	}
	return addr
}

func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
