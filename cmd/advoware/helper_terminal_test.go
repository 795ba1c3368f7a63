//go:build linux

package main_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// screen is what a process has written to a terminal.
type screen struct {
	mu      sync.Mutex
	text    bytes.Buffer
	ended   chan struct{}
	process *exec.Cmd
	tty     *os.File
}

// openTerminal returns both ends of a new terminal with that many columns.
func openTerminal(t *testing.T, columns uint16) (master, tty *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminals here: ", err)
	}
	t.Cleanup(func() { _ = master.Close() })
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 25, Col: columns}); err != nil {
		t.Fatal(err)
	}
	tty, err = os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return master, tty
}

// onTerminal starts the command with a terminal as its output, as connect says.
func onTerminal(t *testing.T, columns uint16, vars []string, connect func(*exec.Cmd, *os.File), args ...string) *screen {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), tooLong)
	t.Cleanup(cancel)
	master, tty := openTerminal(t, columns)
	s := &screen{ended: make(chan struct{}), process: command(ctx, append([]string{"TERM=xterm"}, vars...), args...), tty: tty}
	connect(s.process, tty)
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(s.ended)
		chunk := make([]byte, 32<<10)
		for {
			n, err := master.Read(chunk)
			s.mu.Lock()
			s.text.Write(chunk[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return s
}

// errTo connects standard error with the terminal.
func errTo(c *exec.Cmd, tty *os.File) { c.Stderr = tty }

// String returns what is there so far, with line ends as programs write them.
func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.ReplaceAll(s.text.String(), "\r\n", "\n")
}

// wait waits for the end of the process and returns its status.
func (s *screen) wait() int {
	_ = s.process.Wait()
	_ = s.tty.Close() // now the other end reads its end
	<-s.ended
	return s.process.ProcessState.ExitCode()
}

// runOnTerminal runs the command with standard output at a terminal.
func runOnTerminal(t *testing.T, vars []string, args ...string) outcome {
	t.Helper()
	var errs bytes.Buffer
	s := onTerminal(t, 80, vars, func(c *exec.Cmd, tty *os.File) { c.Stdout, c.Stderr = tty, &errs }, args...)
	status := s.wait()
	return outcome{status, s.String(), errs.String()}
}
