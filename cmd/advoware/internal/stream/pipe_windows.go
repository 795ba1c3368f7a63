package stream

import (
	"errors"
	"syscall"
)

// What a write to a pipe without a reader fails with.
const (
	brokenPipe syscall.Errno = 109 // ERROR_BROKEN_PIPE
	noData     syscall.Errno = 232 // ERROR_NO_DATA
)

// IsLeft reports whether a write failed because the reader of a pipe has left.
func IsLeft(err error) bool { return errors.Is(err, brokenPipe) || errors.Is(err, noData) }

// KeepPipe does nothing: there is no SIGPIPE.
func KeepPipe() {}

// DieOfPipe does nothing: there is no SIGPIPE.
func DieOfPipe(*Writer) {}
