package main

import (
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/examples/internal/exampletest"
)

func TestMain(m *testing.M) { exampletest.Main(m, main) }

func TestTokenIsShared(t *testing.T) {
	t.Parallel()
	addr, kill := server(t)
	fake := clienttest.Start(t, clienttest.Options{})
	for _, want := range []string{"8 employees, 1 token requests\n", "8 employees, 0 token requests\n"} {
		if r := exampletest.Run(t, exampletest.Env(fake), "-memcached", addr); r.Status != 0 || r.Stdout != want {
			t.Errorf("status %d: %q, want %q\n%s", r.Status, r.Stdout, want, r.Stderr)
		}
	}
	fake.RevokeAll()
	if r := exampletest.Run(t, exampletest.Env(fake), "-memcached", addr); r.Status != 0 || r.Stdout != "8 employees, 1 token requests\n" {
		t.Errorf("after the token was revoked: status %d: %q\n%s", r.Status, r.Stdout, r.Stderr)
	}
	kill()
	r := exampletest.Run(t, exampletest.Env(fake), "-memcached", addr)
	if r.Status != 0 || r.Stdout != "8 employees, 1 token requests\n" || !strings.Contains(r.Stderr, "Memcached") {
		t.Errorf("without Memcached: status %d: %q\n%s", r.Status, r.Stdout, r.Stderr)
	}
}
