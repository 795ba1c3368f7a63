package systemd

import (
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/advoware-go/advoware/internal/number"
)

const (
	first = 3  // SD_LISTEN_FDS_START: the descriptor of the first socket
	most  = 64 // sockets; a service of ours has two or three
)

// Sockets returns the sockets that systemd passed to this process, in the order of its
// units; none if it passed none, or if they are for another process (LISTEN_PID). It removes
// LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES from the environment, and children inherit none
// of the sockets. An error names the variable that is wrong, or the socket that does not listen.
func Sockets() ([]Socket, error) {
	pid, count, names := take("LISTEN_PID"), take("LISTEN_FDS"), take("LISTEN_FDNAMES")
	take("LISTEN_PIDFDID") // of systemd 258: says in another way what LISTEN_PID says
	if pid == "" || count == "" {
		return nil, nil
	}
	switch p, ok := number.Parse(pid); {
	case !ok || p <= 0:
		return nil, fmt.Errorf("LISTEN_PID %q is not a process id", pid)
	case p != int64(os.Getpid()):
		return nil, nil
	}
	n, ok := number.Parse(count)
	if !ok || n < 0 || n > most {
		return nil, fmt.Errorf("LISTEN_FDS %q is not a number of sockets, 0 to %d", count, most)
	}
	labels := make([]string, n)
	if names != "" {
		if labels = strings.Split(names, ":"); int64(len(labels)) != n {
			return nil, fmt.Errorf("LISTEN_FDNAMES %q has %d names, and LISTEN_FDS says %d", names, len(labels), n)
		}
	}
	return open(labels)
}

// open takes the sockets over, all or none.
func open(names []string) (sockets []Socket, err error) {
	for i := range names {
		syscall.CloseOnExec(first + i) // all of them, also if one is not to be had
	}
	for i, name := range names {
		l, err := listener(first+i, name)
		if err != nil {
			for _, s := range sockets {
				_ = s.Listener.Close()
			}
			return nil, fmt.Errorf("socket %d of %d from systemd (%q): %w", i+1, len(names), name, err)
		}
		sockets = append(sockets, Socket{name, l})
	}
	return sockets, nil
}

func listener(fd int, name string) (net.Listener, error) {
	listens, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_ACCEPTCONN)
	switch {
	case err != nil:
		return nil, fmt.Errorf("it is no socket: %w", err)
	case listens == 0:
		return nil, fmt.Errorf("it does not listen: the .socket unit needs ListenStream= and Accept=no")
	}
	f := os.NewFile(uintptr(fd), name)
	defer f.Close() // the listener has a copy of it
	return net.FileListener(f)
}
