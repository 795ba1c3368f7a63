package roundtrip

import (
	"net"
	"net/http"
	"syscall"
)

// Inner returns what a Transport sends by, to change before the first request.
func (t *Transport) Inner() *http.Transport { return t.current.Load().Transport }

// RefuseOthers is the Control of dialers for names of this machine.
func RefuseOthers(network, addr string, c syscall.RawConn) error {
	return refuseOthers(network, addr, c)
}

// Resolve looks names of this machine up by r, until it is undone.
func Resolve(r *net.Resolver) (undo func()) {
	was := resolver
	resolver = r
	return func() { resolver = was }
}
