//go:build !linux

package systemd

import (
	"errors"
	"time"
)

const supported = false

// send sends nothing: there is no systemd.
func send(string, string, time.Duration) (full bool, err error) { return false, errors.ErrUnsupported }
