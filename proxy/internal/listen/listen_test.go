package listen_test

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/proxy/internal/listen"
)

// Without leave nothing listens where other machines get to.
func TestThisMachineOnly(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "localhost:0", "[::1]:0", "127.0.0.2:0"} {
		l, err := listen.On(addr, false)
		if err != nil {
			if strings.HasPrefix(addr, "[") {
				continue // no IPv6 here
			}
			t.Fatal(err)
		}
		if ip := l.Addr().(*net.TCPAddr).IP; !ip.IsLoopback() {
			t.Errorf("%s listens at %v", addr, ip)
		}
		_ = l.Close()
	}
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:0", "127.0.0.1.example.com:0"} {
		if _, err := listen.On(addr, false); !errors.Is(err, listen.ErrRemote) {
			t.Errorf("%s: %v", addr, err)
		}
	}
	for _, addr := range []string{"", "8064", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1", "http://127.0.0.1:80"} {
		if _, err := listen.On(addr, true); err == nil || !strings.Contains(err.Error(), "HOST:PORT") {
			t.Errorf("%q: %v", addr, err)
		}
	}
	l, err := listen.On("127.0.0.1:0", true)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := listen.On(l.Addr().String(), false); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("twice: %v", err)
	}
}
