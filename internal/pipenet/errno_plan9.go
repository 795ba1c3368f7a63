package pipenet

import "errors"

// Plan 9 has texts in place of numbers.
var (
	errInUse   = errors.New("address in use")
	errRefused = errors.New("connection refused")
	errReset   = errors.New("connection reset")
	errPipe    = errors.New("write on closed pipe")
)
