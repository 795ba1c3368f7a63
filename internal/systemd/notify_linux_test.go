package systemd_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/internal/systemd"
)

// manager is the end of systemd. The tests that set variables do not run in parallel.
func manager(t *testing.T, addr string) *net.UnixConn {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: addr, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	t.Setenv("NOTIFY_SOCKET", addr)
	return conn
}

func notifier(t *testing.T) *systemd.Notifier {
	t.Helper()
	n, err := systemd.Notify()
	if err != nil || n == nil {
		t.Fatalf("got %v, %v", n, err)
	}
	return n
}

func message(t *testing.T, conn *net.UnixConn) string {
	t.Helper()
	buf := make([]byte, 4096)
	n, err := conn.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return string(buf[:n])
}

func TestNotifyTells(t *testing.T) {
	for kind, addr := range map[string]string{
		"path":     filepath.Join(t.TempDir(), "notify"),
		"abstract": fmt.Sprintf("@advoware-test-%d", os.Getpid()),
	} {
		t.Run(kind, func(t *testing.T) {
			conn := manager(t, addr)
			n := notifier(t)
			for _, name := range []string{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} {
				if v, ok := os.LookupEnv(name); ok {
					t.Errorf("%s is still %q", name, v)
				}
			}
			var got []string
			for _, tell := range []func() error{
				func() error { return n.Ready("serves 2 Kanzleien") },
				func() error { return n.Status("two\nlines\x7fREADY=1 Müller \xff") },
				func() error { return n.Stopping(strings.Repeat("ö", 1000)) },
			} {
				if err := tell(); err != nil {
					t.Error(err)
				}
				got = append(got, message(t, conn))
			}
			want := []string{
				"READY=1\nSTATUS=serves 2 Kanzleien",
				"STATUS=two lines READY=1 Müller ",
				"STOPPING=1\nSTATUS=" + strings.Repeat("ö", 256),
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNobodyToNotify(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	t.Setenv("WATCHDOG_USEC", "1000000")
	n, err := systemd.Notify()
	if n != nil || err != nil {
		t.Fatalf("got %v, %v", n, err)
	}
	n.Alive(t.Context()) // returns
	for _, err := range []error{n.Ready(""), n.Status(""), n.Stopping("")} {
		if err != nil {
			t.Error(err)
		}
	}
}

// A manager that is gone is an error for the log and no more.
func TestManagerIsGone(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "gone"))
	if err := notifier(t).Ready(""); err == nil || !strings.HasPrefix(err.Error(), "NOTIFY_SOCKET: ") {
		t.Errorf("got %v", err)
	}
}

// With a queue that is full no call waits, and the first message arrives when there is a place again.
func TestFullQueueIsNotWaitedFor(t *testing.T) {
	conn := manager(t, filepath.Join(t.TempDir(), "notify"))
	n := notifier(t)
	filled := fill(t, conn.LocalAddr().(*net.UnixAddr))
	if err := n.Ready("now"); err != nil { // returns: nothing is read yet
		t.Errorf("the message that waits for a place: %v", err)
	}
	if err := n.Status("later"); err == nil {
		t.Error("no error for a message that is dropped")
	}
	for range filled {
		message(t, conn)
	}
	if got, want := message(t, conn), "READY=1\nSTATUS=now"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// fill fills the queue of a socket.
func fill(t *testing.T, addr *net.UnixAddr) (messages int) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_DGRAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	for ; messages < 1_000_000; messages++ {
		if err := syscall.Sendto(fd, []byte("x"), 0, &syscall.SockaddrUnix{Name: addr.Name}); err == syscall.EAGAIN {
			return messages
		} else if err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("the queue has no end")
	return 0
}

func TestSignsOfLife(t *testing.T) {
	conn := manager(t, filepath.Join(t.TempDir(), "notify"))
	t.Setenv("WATCHDOG_USEC", "20000")
	t.Setenv("WATCHDOG_PID", fmt.Sprint(os.Getpid()))
	n := notifier(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); n.Alive(ctx) }()
	for range 3 {
		if got := message(t, conn); got != "WATCHDOG=1" {
			t.Errorf("got %q", got)
		}
	}
	stop()
	<-ended
}

func TestHowOftenSignsOfLifeAreWanted(t *testing.T) {
	for _, test := range []struct {
		usec, pid string
		want      time.Duration
		err       string
	}{
		{usec: "30000000", want: 15 * time.Second},
		{usec: "30000000", pid: fmt.Sprint(os.Getpid()), want: 15 * time.Second},
		{usec: "30000000", pid: "1"},
		{usec: "1", want: 10 * time.Millisecond},
		{usec: "18446744073709551615", want: 84 * time.Hour},
		{usec: ""},
		{usec: "0", err: `WATCHDOG_USEC "0"`},
		{usec: "-5", err: `WATCHDOG_USEC "-5"`},
		{usec: "soon", err: `WATCHDOG_USEC "soon"`},
		{usec: "1000", pid: "me", err: `WATCHDOG_PID "me"`},
	} {
		t.Run(test.usec+" "+test.pid, func(t *testing.T) {
			t.Setenv("NOTIFY_SOCKET", "/nowhere")
			t.Setenv("WATCHDOG_USEC", test.usec)
			t.Setenv("WATCHDOG_PID", test.pid)
			n, err := systemd.Notify()
			if n.Watchdog() != test.want || n == nil {
				t.Errorf("every %s, want %s", n.Watchdog(), test.want)
			}
			if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.HasPrefix(err.Error(), test.err)) {
				t.Errorf("got %v, want %q", err, test.err)
			}
		})
	}
}

func TestWrongSocketToNotify(t *testing.T) {
	for _, addr := range []string{"relative", "@", "vsock:2:1234"} {
		t.Setenv("NOTIFY_SOCKET", addr)
		n, err := systemd.Notify()
		if n != nil || err == nil || !strings.HasPrefix(err.Error(), "NOTIFY_SOCKET ") {
			t.Errorf("%s: got %v, %v", addr, n, err)
		}
	}
}
