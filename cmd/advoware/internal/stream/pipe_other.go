//go:build !unix && !windows

package stream

// IsLeft reports whether a write failed because the reader of a pipe has left, which nothing
// says here.
func IsLeft(error) bool { return false }

// KeepPipe does nothing: there is no SIGPIPE.
func KeepPipe() {}

// DieOfPipe does nothing: there is no SIGPIPE.
func DieOfPipe(*Writer) {}
