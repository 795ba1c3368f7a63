package link_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/internal/redissaid"
)

// What cannot be made on this machine, or not quickly, is known by what Redis says.
func TestOf(t *testing.T) {
	for text, hint := range map[string]string{
		"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.":                         "address of the master",
		"DENIED Redis is running in protected mode because protected mode is enabled":                              "protected mode",
		"ERR Client sent AUTH, but no password is set; ERR AUTH <password> called without any password configured": "take REDIS_PASSWORD away",
		"dial tcp: lookup x: no such host":                                                    "name server",
		"dial unix /s: connect: permission denied":                                            "unixsocketperm",
		"dial unix /s: connect: no such file or directory":                                    "unixsocket",
		"dial tcp 10.0.0.1:6379: connect: no route to host":                                   "firewall",
		"dial tcp 10.0.0.1:6379: connect: network is unreachable":                             "firewall",
		"x509: certificate has expired or is not yet valid: current time 2001 is before 2026": "clock",
		"EOF": "takes connections and ends them",
		"read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer": "takes connections and ends them",
		"anything": "log of Redis",
	} {
		if got := link.Of(redissaid.Reply(text)); got.Saw != text || got.Want == "" || !strings.Contains(got.Hint, hint) {
			t.Errorf("%q: %+v, want %q", text, got, hint)
		}
	}
	if got := link.Of(fmt.Errorf("x: %w", context.DeadlineExceeded)); !strings.Contains(got.Hint, "hangs") {
		t.Errorf("%+v", got)
	}
	if got := link.Of(context.Canceled); got.Saw != "interrupted" {
		t.Errorf("%+v", got)
	}
	if got := link.Of(errors.New(strings.Repeat("ü\x1b\n", 10000))); len(got.Saw) > 500 || strings.ContainsAny(got.Saw, "\x1b\n") {
		t.Errorf("%+v", got)
	}
}

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"":              "",
		"plain":         "plain",
		"a\r\nb\t\x00d": "a b d",
		"\xff\xfe x":    "x",
		"0123456789":    "01234567…",
		"0123456ü":      "0123456…",
		"\u202eabc":     "abc",
	} {
		if got := link.Printable(text, 8); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
