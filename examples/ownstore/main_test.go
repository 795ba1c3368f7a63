package main

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/examples/internal/exampletest"
)

func TestMain(m *testing.M) { exampletest.Main(m, main) }

func TestTokenOutlivesTheProcess(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	dir := filepath.Join(t.TempDir(), "tokens")
	for _, want := range []string{"8 employees, 1 token requests\n", "8 employees, 0 token requests\n"} {
		if r := exampletest.Run(t, exampletest.Env(fake), "-dir", dir); r.Status != 0 || r.Stdout != want {
			t.Errorf("status %d: %q, want %q\n%s", r.Status, r.Stdout, want, r.Stderr)
		}
	}
	fake.RevokeAll()
	if r := exampletest.Run(t, exampletest.Env(fake), "-dir", dir); r.Status != 0 || r.Stdout != "8 employees, 1 token requests\n" {
		t.Errorf("after the token was revoked: status %d: %q\n%s", r.Status, r.Stdout, r.Stderr)
	}
}

func TestProcessesAtOnce(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	dir := t.TempDir()
	var all sync.WaitGroup
	for range 8 {
		p := exampletest.Start(t, exampletest.Env(fake), "-dir", dir)
		all.Go(func() {
			if r := p.Wait(t); r.Status != 0 {
				t.Errorf("status %d\n%s", r.Status, r.Stderr)
			}
		})
	}
	all.Wait()
	before := fake.Counts().TokenRequests
	if r := exampletest.Run(t, exampletest.Env(fake), "-dir", dir); r.Status != 0 || fake.Counts().TokenRequests != before {
		t.Errorf("status %d, and another token request\n%s", r.Status, r.Stderr)
	}
}
