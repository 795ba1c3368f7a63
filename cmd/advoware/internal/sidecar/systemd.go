package sidecar

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"github.com/advoware-go/advoware/internal/systemd"
	"github.com/advoware-go/advoware/proxy"
)

// The names of sockets in .socket units (FileDescriptorName=).
const (
	proxySocket = "proxy"
	adminSocket = "admin"
)

// passed is what systemd opened for this process.
type passed struct {
	proxy []net.Listener
	admin net.Listener // nil if it is for --admin to say
}

// fromSystemd takes over the sockets that systemd passed. A flag that says otherwise is an
// error: one of the two would have no effect.
func (f *Flags) fromSystemd() (passed, error) {
	sockets, err := systemd.Sockets()
	if err != nil {
		return passed{}, err
	}
	p, err := f.sort(sockets)
	if err != nil {
		for _, s := range sockets {
			_ = s.Listener.Close()
		}
	}
	return p, err
}

// sort says what each socket is for.
func (f *Flags) sort(sockets []systemd.Socket) (p passed, err error) {
	for _, s := range sockets {
		if tcp, ok := s.Listener.Addr().(*net.TCPAddr); ok && !tcp.IP.IsLoopback() && !f.AllowRemote && s.Name != adminSocket {
			return passed{}, fmt.Errorf("systemd passed a socket that other machines reach, %s: set ListenStream=127.0.0.1:%d in its .socket unit, or --allow-remote and --key-file", tcp, tcp.Port)
		}
		switch {
		case s.Name == proxySocket, s.Name == "" && len(sockets) == 1:
			p.proxy = append(p.proxy, s.Listener)
		case s.Name == adminSocket && p.admin == nil:
			p.admin = s.Listener
		case s.Name == adminSocket:
			return passed{}, errors.New("systemd passed two sockets named admin: one is served")
		case s.Name == "":
			return passed{}, fmt.Errorf("systemd passed %d sockets without names: give them FileDescriptorName=proxy or admin", len(sockets))
		default:
			return passed{}, fmt.Errorf("systemd passed a socket named %q: set FileDescriptorName=proxy or admin in its .socket unit", s.Name)
		}
	}
	if p.proxy != nil && f.Addr != nil {
		return passed{}, fmt.Errorf("--addr %s: systemd passed the socket to serve, %s: leave the flag out, or stop the .socket unit", *f.Addr, p.proxy[0].Addr())
	}
	if p.admin != nil && f.Admin != nil {
		return passed{}, fmt.Errorf("--admin %s: systemd passed the socket for it, %s: leave the flag out, or stop the .socket unit", *f.Admin, p.admin.Addr())
	}
	return p, nil
}

// notifySystemd has systemd know when the server is ready, drains and, until the returned
// function is called, that it lives. That nobody can be reached is a warning: the service
// serves all the same.
func notifySystemd(server *proxy.Server, log *slog.Logger) (stop func()) {
	notifier, err := systemd.Notify()
	warn := func(err error) {
		if err != nil {
			log.Warn("systemd is not notified", "error", err)
		}
	}
	warn(err)
	ctx, stop := context.WithCancel(context.Background())
	server.Ready = after(server.Ready, func() {
		warn(notifier.Ready(fmt.Sprintf("serving at %s", server.Listeners[0].Addr())))
		go notifier.Alive(ctx)
	})
	server.Draining = after(server.Draining, func() {
		warn(notifier.Stopping("waiting for requests under way"))
	})
	return stop
}

// after runs second after first, if there is one.
func after(first, second func()) func() {
	if first == nil {
		return second
	}
	return func() { first(); second() }
}
