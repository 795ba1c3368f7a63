package outfile_test

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/advoware-go/advoware/cmd/advoware/internal/outfile"
)

// A descriptor is written through where it stands, also if it leads to a file: that is not
// replaced, and what was written before stays.
func TestDescriptors(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log")
	open, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if _, err := open.WriteString("before\n"); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"/dev/fd/", "/proc/self/fd/", "/dev//fd/../fd/"} {
		again, err := syscall.Dup(int(open.Fd()))
		if err != nil {
			t.Fatal(err)
		}
		if err := write(t, folder+strconv.Itoa(again), folder+"\n").Commit(); err != nil {
			t.Errorf("%s: %v", folder, err)
		}
	}
	if got, want := read(t, name), "before\n/dev/fd/\n/proc/self/fd/\n/dev//fd/../fd/\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if _, err := outfile.Create("/dev/fd/987"); err == nil {
		t.Error("what is not open is taken")
	}
	alone(t, filepath.Dir(name), 1)
	for _, name := range []string{"/dev/stderr", "/dev/fd/2", "/dev/stdout"} {
		f := write(t, name, "")
		if err := f.Commit(); err != nil {
			t.Error(err)
		}
		f.Abort()
	}
	for _, std := range []*os.File{os.Stderr, os.Stdout} {
		if _, err := std.Stat(); err != nil {
			t.Errorf("%s was closed: %v", std.Name(), err)
		}
	}
}
