//go:build !js && !wasip1

package interrupt

import (
	"os"
	"os/signal"
	"syscall"
)

// hangups are the signals of a terminal that is closed, unless the process was started to go on
// without one, by nohup.
func hangups() []os.Signal {
	if signal.Ignored(syscall.SIGHUP) {
		return nil
	}
	return []os.Signal{syscall.SIGHUP}
}
