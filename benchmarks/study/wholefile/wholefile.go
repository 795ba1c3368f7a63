// Package wholefile writes files that are there as a whole or not at all.
//
// [Write] may be called by several goroutines, for one file too: the last one stays. See
// ARCHITECTURE.md for what is measured here.
package wholefile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Write lets write fill a file beside path, and puts it in the place of path if that
// went well. If not, by an error or a panic, what was at path is as it was, and nothing
// is left beside it.
func Write(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if !done {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if err := errors.Join(write(f), f.Chmod(0o644), f.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	done = true
	return nil
}
