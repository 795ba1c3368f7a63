//go:build unix

package study

import (
	"os"
	"os/signal"
	"syscall"
)

// hangups are the signals of a terminal that is closed, unless they are to be ignored,
// as nohup wants it.
func hangups() []os.Signal {
	if signal.Ignored(syscall.SIGHUP) {
		return nil
	}
	return []os.Signal{syscall.SIGHUP}
}

// outliveReaders lets a write to a pipe without a reader fail instead of ending the
// process: what stdout and stderr were piped to may have been closed with the terminal,
// and what was measured is still to be written.
func outliveReaders() { signal.Ignore(syscall.SIGPIPE) }
