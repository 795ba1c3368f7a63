package systemd

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/internal/number"
)

const (
	maxStatus = 512             // bytes of a status
	patience  = 5 * time.Second // for a manager whose queue is full, in the background
	least     = 10 * time.Millisecond
)

// Notifier tells systemd how the service is. A nil one tells nobody.
//
// Its methods do not wait: if the queue of systemd is full, the message is tried for some
// seconds in the background. An error is for the log.
type Notifier struct {
	addr    string
	every   time.Duration // between two signs of life, zero for none
	pending atomic.Bool   // a message waits for a place in the queue
}

// Notify returns a Notifier for the systemd that started this process, nil if there is none
// or it wants no messages (Type= is not notify). It removes NOTIFY_SOCKET,
// WATCHDOG_USEC and WATCHDOG_PID from the environment. With an error, which names a variable
// that is wrong, the Notifier works as far as it can.
func Notify() (*Notifier, error) {
	addr, usec, pid := take("NOTIFY_SOCKET"), take("WATCHDOG_USEC"), take("WATCHDOG_PID")
	if !supported || addr == "" {
		return nil, nil
	}
	if addr[0] != '/' && addr[0] != '@' || len(addr) == 1 {
		return nil, fmt.Errorf("NOTIFY_SOCKET %q is neither a path nor @ and the name of an abstract socket", addr)
	}
	n := &Notifier{addr: addr}
	if usec == "" {
		return n, nil
	}
	if pid != "" {
		switch p, ok := number.Parse(pid); {
		case !ok || p <= 0:
			return n, fmt.Errorf("WATCHDOG_PID %q is not a process id", pid)
		case p != int64(os.Getpid()):
			return n, nil
		}
	}
	// A week is more than anybody waits for a sign of life, and fits into a Duration.
	u, ok := number.Parse(usec)
	if !ok || u <= 0 {
		return n, fmt.Errorf("WATCHDOG_USEC %q is not a number of microseconds", usec)
	}
	interval := time.Duration(min(u, (7*24*time.Hour).Microseconds())) * time.Microsecond
	n.every = max(interval/2, least) // as sd_watchdog_enabled(3) recommends
	return n, nil
}

// Ready tells that the service serves, and what is shown as its status.
func (n *Notifier) Ready(status string) error { return n.tell("READY=1\nSTATUS=" + line(status)) }

// Stopping tells that the service ends by itself.
func (n *Notifier) Stopping(status string) error {
	return n.tell("STOPPING=1\nSTATUS=" + line(status))
}

// Status tells what `systemctl status` shows, on one line.
func (n *Notifier) Status(status string) error { return n.tell("STATUS=" + line(status)) }

// Watchdog returns how often systemd wants a sign of life, twice as often as it must have
// one; zero if it wants none.
func (n *Notifier) Watchdog() time.Duration {
	if n == nil {
		return 0
	}
	return n.every
}

// Alive gives signs of life, as often as systemd wants them, until the context ends. It
// returns at once if systemd wants none. A process that hangs gives none, and systemd restarts it.
func (n *Notifier) Alive(ctx context.Context) {
	if n.Watchdog() == 0 {
		return
	}
	tick := time.NewTicker(n.every)
	defer tick.Stop()
	for {
		_ = n.tell("WATCHDOG=1") // the next one may arrive
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (n *Notifier) tell(message string) error {
	if n == nil {
		return nil
	}
	full, err := send(n.addr, message, 0)
	if !full || n.pending.Swap(true) {
		return err // one that is full already is not sent more
	}
	go func() {
		defer n.pending.Store(false)
		_, _ = send(n.addr, message, patience)
	}()
	return nil
}

// line is a text without what would begin another variable, and bounded.
func line(text string) string {
	text = strings.ToValidUTF8(text[:min(len(text), maxStatus)], "")
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
}
