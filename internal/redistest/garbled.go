package redistest

import (
	"net"
	"strings"
	"testing"
)

// Garbled starts something that is no Redis and answers whatever it is sent with many
// times one line. It returns where it listens.
func Garbled(t testing.TB, line string) (addr string) {
	t.Helper()
	return Listen(t, func(c net.Conn) {
		buf := make([]byte, 4096)
		for {
			if _, err := c.Read(buf); err != nil {
				return
			}
			if _, err := c.Write([]byte(strings.Repeat(line+"\r\n", 16))); err != nil {
				return
			}
		}
	})
}

// Listen serves connections on loopback, each on a goroutine of its own and until serve
// returns, for servers that misbehave in a way of the test's own. It ends with the test.
func Listen(t testing.TB, serve func(net.Conn)) (addr string) {
	t.Helper()
	return ListenOn(t, "127.0.0.1:0", serve)
}

// ListenOn is Listen at another address.
func ListenOn(t testing.TB, at string, serve func(net.Conn)) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); serve(c) }()
		}
	}()
	return l.Addr().String()
}
