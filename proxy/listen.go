package proxy

import (
	"net"

	"github.com/advoware-go/advoware/proxy/internal/listen"
)

// ErrRemote is an address at which other machines would be served.
var ErrRemote = listen.ErrRemote

// Listen listens on addr: HOST:PORT, where the host is a loopback address or localhost, or
// unix: and the path of a socket, which only the user of this process may connect to (mode
// 0600). A socket that nobody listens on any more is replaced, and anything else that has the
// path is an error. Closing the listener removes the socket.
func Listen(addr string) (net.Listener, error) { return listen.On(addr, false) }

// ListenRemote is Listen for any host. [Config.Keys] say who is served then.
func ListenRemote(addr string) (net.Listener, error) { return listen.On(addr, true) }
