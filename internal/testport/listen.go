package testport

import (
	"net"
	"time"
)

const (
	patience = 2 * time.Second
	pause    = 5 * time.Millisecond
)

// Listen listens on addr, a 127.0.0.1:port that [Take] returned, also if the caller has closed
// a listener there a moment ago. A child process that is being started has a copy of each
// socket until it runs its program, and for so long the system refuses the address.
func Listen(addr string) (net.Listener, error) {
	for end := time.Now().Add(patience); ; time.Sleep(pause) {
		ln, err := net.Listen("tcp", addr)
		if err == nil || time.Now().After(end) {
			return ln, err
		}
	}
}
