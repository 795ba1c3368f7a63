// Package listen opens what a proxy listens on: an address of this machine, or a unix socket
// that only one user may connect to.
//
// See ARCHITECTURE.md for the package in context.
package listen

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/advoware-go/advoware/internal/origin"
)

// On listens on addr: HOST:PORT, on this machine only unless remote is set, or unix: and a path.
func On(addr string, remote bool) (net.Listener, error) {
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		return listenUnix(path)
	}
	host, port, err := net.SplitHostPort(addr)
	if n, bad := strconv.Atoi(port); err != nil || bad != nil || n < 0 || n > origin.MaxPort {
		return nil, fmt.Errorf("%q is neither HOST:PORT, such as 127.0.0.1:8064, nor unix:PATH", addr)
	}
	if !remote && !origin.Loopback(host) {
		return nil, fmt.Errorf("%s: %w", addr, ErrRemote)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, plain(err)
	}
	if !remote && !loopback(l.Addr()) { // a resolver may say anything
		_ = l.Close()
		return nil, fmt.Errorf("%s leads to %s: %w", addr, l.Addr(), ErrRemote)
	}
	return l, nil
}

func loopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// ErrRemote is an address at which other machines would be served.
var ErrRemote = errors.New("is not an address of this machine only: other machines are served with --allow-remote and a key")

// plain returns what an operating system says, without the address, which is known.
func plain(err error) error {
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		err = op.Err
	}
	if call := (*os.SyscallError)(nil); errors.As(err, &call) {
		err = call.Err
	}
	return err
}
