// Package stream writes to standard output and standard error of a process that may be
// interrupted, and whose reader may have left.
//
// A Writer is safe for concurrent use.
package stream

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
)

// Moment is how long each thing that is still to be done after an interrupt may take.
const Moment = 250 * time.Millisecond

// Within runs f. After the end of ctx it waits for a Moment longer, and then returns the
// cause of that end, while f goes on.
func Within(ctx context.Context, f func() error) error {
	done := bounded.Go(func() (struct{}, error) { return struct{}{}, f() })
	select {
	case r := <-done:
		return r.Err
	case <-ctx.Done():
	}
	select {
	case r := <-done:
		return r.Err
	case <-time.After(Moment):
		return context.Cause(ctx)
	}
}

// Writer writes to a file that may be a pipe which nobody reads, or a full disk. After its
// first error it writes nothing more, as there would be a hole in what was written.
type Writer struct {
	// Context bounds each Write: once it has ended, one that blocks is left alone.
	Context context.Context
	// File is written to.
	File *os.File
	// Name is what it is called in errors, such as "standard output".
	Name string
	// Left is called when the reader of a pipe has left; nil calls nothing.
	Left func()

	mu  sync.Mutex
	err error
}

// Write writes all of p, or returns an error that begins with the name.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return 0, w.err
	}
	text := slices.Clone(p) // the caller has p back while a write that blocks still reads it
	if err := Within(w.Context, func() error { _, err := w.File.Write(text); return err }); err != nil {
		w.err = fmt.Errorf("%s: %w", w.Name, withoutPath(err))
		if w.Left != nil && IsLeft(err) {
			w.Left()
		}
		return 0, w.err
	}
	return len(p), nil
}

// Err returns the first error of a Write, nil if there was none.
func (w *Writer) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// Is reports whether name is another one for what is written to, such as /dev/stdout.
func (w *Writer) Is(name string) bool {
	named, err := os.Stat(name)
	if err != nil {
		return false
	}
	own, err := w.File.Stat()
	return err == nil && os.SameFile(named, own)
}

// Fd returns the descriptor of the file, for those who ask whether it is a terminal.
func (w *Writer) Fd() uintptr { return w.File.Fd() }

// withoutPath removes "write /dev/stdout: ", which is the name of no file.
func withoutPath(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
