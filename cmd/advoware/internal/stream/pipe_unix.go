//go:build unix

package stream

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// IsLeft reports whether a write failed because the reader of a pipe has left.
func IsLeft(err error) bool { return errors.Is(err, syscall.EPIPE) }

// KeepPipe lets a write to a pipe without a reader fail with an error that IsLeft knows,
// rather than end the process by SIGPIPE in the middle of its work: a token that was
// fetched has to be written to Redis first.
func KeepPipe() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }

// DieOfPipe ends the process as SIGPIPE would have done. The signal cannot be sent: the
// runtime of Go ends a process by it only at a write to standard output or standard error
// that fails, which any write to w does now. It returns if that one does not fail.
func DieOfPipe(w *Writer) {
	signal.Reset(syscall.SIGPIPE)
	_, _ = w.File.Write([]byte("\n"))
}
