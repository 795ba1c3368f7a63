//go:build linux

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// -o /dev/stderr and /dev/fd/3 write to what the shell has opened, also if that is a file: it is
// not replaced by another one.
func TestOutputIntoDescriptors(t *testing.T) {
	vars := answering(t, "application/json", `{"a":1}`)
	for _, name := range []string{"/dev/stderr", "/dev/fd/2", "/dev/fd/3"} {
		file := filepath.Join(t.TempDir(), "log")
		to, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		defer to.Close()
		if _, err := to.WriteString("before\n"); err != nil {
			t.Fatal(err)
		}
		p := begin(t, vars, func(c *exec.Cmd) {
			if c.ExtraFiles = []*os.File{to}; name != "/dev/fd/3" {
				c.Stderr = to
			}
		}, "call", "GET", "/x", "--store", "memory", "-o", name)
		if err := p.Wait(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if text, err := os.ReadFile(file); err != nil || string(text) != "before\n{\"a\":1}\n" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

// A terminal that is closed leaves no half of a file behind. The signal comes as soon as there is
// a file, which the command may not know of yet.
func TestHangupLeavesNoFile(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	fake.Inject(clienttest.Fault{On: clienttest.API, Times: -1, Hang: true})
	for range 32 {
		dir := t.TempDir()
		files := func() int {
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			return len(entries)
		}
		p := begin(t, fake.Env(), nil, "call", "GET", "/employees", "--store", "memory", "-o", filepath.Join(dir, "answer.json"))
		for began := time.Now(); files() == 0; {
			if time.Since(began) > tooLong {
				t.Fatal("no file is begun")
			}
		}
		p.end(t, syscall.SIGHUP)
		if n := files(); n != 0 || p.ProcessState.ExitCode() != 1 {
			t.Errorf("%d files are left, status %d", n, p.ProcessState.ExitCode())
		}
	}
}
