package roundtrip

import (
	"net/http"
	"syscall"
)

// Inner returns what a Transport sends by, to change before the first request.
func (t *Transport) Inner() *http.Transport { return t.current.Load().Transport }

// RefuseOthers is the Control of dialers for names of this machine.
func RefuseOthers(network, addr string, c syscall.RawConn) error {
	return refuseOthers(network, addr, c)
}
