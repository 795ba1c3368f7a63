package origin_test

import (
	"testing"

	"github.com/advoware-go/advoware/internal/origin"
)

func TestSplitAddress(t *testing.T) {
	for text, want := range map[string]struct {
		host string
		port int
	}{
		"":                       {"", 0},
		"host":                   {"host", 0},
		"host:6379":              {"host", 6379},
		"host:1":                 {"host", 1},
		"host:65535":             {"host", 65535},
		"host:":                  {"host", 0},
		":6379":                  {"", 6379},
		"10.0.0.1":               {"10.0.0.1", 0},
		"10.0.0.1:6379":          {"10.0.0.1", 6379},
		"::1":                    {"::1", 0},
		"0:0::1":                 {"::1", 0},
		"[::1]":                  {"::1", 0},
		"[::1]:6379":             {"::1", 6379},
		"fe80::1%eth0":           {"fe80::1%eth0", 0},
		"tcp://host:6379":        {"host", 6379},
		"tcp://host:6379/":       {"host", 6379},
		"tcp://[::1]:6379":       {"::1", 6379},
		"tcp://host":             {"host", 0},
		"/run/redis/redis.sock":  {"/run/redis/redis.sock", 0},
		"/odd path@x?y#z://[].s": {"/odd path@x?y#z://[].s", 0},
	} {
		host, port, ok := origin.SplitAddress(text)
		if !ok || host != want.host || port != want.port {
			t.Errorf("%q: %q, %d, %t; want %q, %d", text, host, port, ok, want.host, want.port)
		}
	}
	for _, text := range []string{
		"host:0", "host:65536", "host:-1", "host:x", "host:6379:1", "host:6379 ", "a host", "user@host", "host/1",
		"host?x", "host#x", "[host", "host]", "::1:x",
		"redis://host:6379", "http://host:6379", "tcp://", "tcp:///path", "tcp://user@host:6379", "tcp://host:6379/1",
		"tcp://host:6379?x=1", "tcp://host:6379#x", "tcp://%zz", "tcp://host:x",
	} {
		if host, port, ok := origin.SplitAddress(text); ok {
			t.Errorf("%q is taken for %q, %d", text, host, port)
		}
	}
}
