package wholefile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/advoware-go/advoware/benchmarks/study/wholefile"
)

// only fails the test unless path has this text and is alone in its folder.
func only(t *testing.T, path, text string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("in the folder are %v (%v)", entries, err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != text {
		t.Errorf("the file says %q (%v); want %q", got, err, text)
	}
}

func TestFileIsWrittenAsAWholeOrNotAtAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	say := func(text string, err error) func(io.Writer) error {
		return func(w io.Writer) error { _, _ = io.WriteString(w, text); return err }
	}
	for _, text := range []string{"old", "new"} {
		if err := wholefile.Write(path, say(text, nil)); err != nil {
			t.Fatal(err)
		}
		only(t, path, text)
	}
	broken := errors.New("broken")
	if err := wholefile.Write(path, say("half", broken)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	only(t, path, "new")
}

func TestPanicLeavesNothingBehind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic is swallowed")
			}
		}()
		_ = wholefile.Write(path, func(w io.Writer) error { _, _ = io.WriteString(w, "half"); panic("broken") })
	}()
	only(t, path, "old")
}

func TestPlaceThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	if err := wholefile.Write(filepath.Join(dir, "none", "file"), func(io.Writer) error { return nil }); err == nil {
		t.Error("a file is written into a folder that is not there")
	}
	taken := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(taken, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := wholefile.Write(taken, func(io.Writer) error { return nil }); err == nil {
		t.Error("a folder is replaced by a file")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v (%v)", entries, err)
	}
}
