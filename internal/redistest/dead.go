//go:build linux

package redistest

import (
	"net"
	"syscall"
	"testing"
	"time"
)

// Dead makes an address of loopback one that does not answer, as behind a firewall that
// drops: a listener that takes no more connections. It ends with the test.
func Dead(t testing.TB, addr string) {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Skipf("redistest: %v", err)
	}
	t.Cleanup(func() { _ = l.Close() })
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) { _ = syscall.Listen(int(fd), 0) })
	}
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	for range 16 { // what is beyond the backlog is dropped
		c, err := net.DialTimeout("tcp", addr, 100*time.Millisecond)
		if err != nil {
			return
		}
		t.Cleanup(func() { _ = c.Close() })
	}
	t.Fatal("redistest: the listener takes any number of connections")
}
