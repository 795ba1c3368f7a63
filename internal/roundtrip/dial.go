package roundtrip

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/advoware-go/advoware/internal/origin"
)

// A DialContext is that of net.Dialer and http.Transport.
type dialContext = func(ctx context.Context, network, addr string) (net.Conn, error)

// resolver looks names of this machine up; nil, but in tests.
var resolver *net.Resolver

// guarded returns a DialContext that takes names and addresses of this machine for
// nothing else, wherever they are looked up: what is sent there may be in the clear.
func guarded(others dialContext) dialContext {
	d := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second, Control: refuseOthers, Resolver: resolver}
	if others == nil {
		others = (&net.Dialer{Timeout: d.Timeout, KeepAlive: d.KeepAlive}).DialContext
	}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(addr)
		if err != nil || !origin.Local(host) {
			return others(ctx, network, addr)
		}
		conn, err := d.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		if err := refuseOthers(network, conn.RemoteAddr().String(), nil); err != nil { // some systems do not ask before
			_ = conn.Close()
			return nil, err
		}
		return conn, nil
	}
}

// refuseOthers is the Control of a net.Dialer. It sees each address that a name stands
// for, before it is dialled.
func refuseOthers(_, addr string, _ syscall.RawConn) error {
	if at, err := netip.ParseAddrPort(addr); err == nil && at.Addr().Unmap().IsLoopback() {
		return nil
	}
	return fmt.Errorf("%w: a name of this machine leads to %s, which is another one", origin.ErrInsecure, addr)
}
