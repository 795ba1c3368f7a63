//go:build !plan9

package office

import "syscall"

// How the network of the system says that there is nobody, or no way.
const (
	errRefused = syscall.ECONNREFUSED
	errNoNet   = syscall.ENETUNREACH
	errNoWay   = syscall.EHOSTUNREACH
)
