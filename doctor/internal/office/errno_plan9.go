package office

import "errors"

// Plan 9 has texts in place of numbers: such an error is shown as it is.
var (
	errRefused = errors.New("connection refused")
	errNoNet   = errors.New("network unreachable")
	errNoWay   = errors.New("host unreachable")
)
