package outfile_test

import (
	"path/filepath"
	"testing"

	"github.com/advoware-go/advoware/cmd/advoware/internal/outfile"
)

func TestAbortAll(t *testing.T) {
	dir := t.TempDir()
	done, half, dropped := filepath.Join(dir, "done"), filepath.Join(dir, "half"), filepath.Join(dir, "dropped")
	if err := write(t, done, "1").Commit(); err != nil {
		t.Fatal(err)
	}
	write(t, dropped, "1").Abort()
	f := write(t, half, "1")
	outfile.AbortAll()
	outfile.AbortAll()
	alone(t, dir, 1)
	if err := f.Commit(); err == nil {
		t.Error("what was removed got its name")
	}
	f.Abort()
	if read(t, done) != "1" {
		t.Error("a file that was complete is gone")
	}
}
