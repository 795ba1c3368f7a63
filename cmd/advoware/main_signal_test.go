//go:build unix

package main_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// soon is when a process that was interrupted must have ended: within a second on an
// idle machine.
const soon = 10 * time.Second

// process is the command under way.
type process struct {
	*exec.Cmd
	errs bytes.Buffer
}

// begin starts the command; nobody reads what change makes its output.
func begin(t *testing.T, vars []string, change func(*exec.Cmd), args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*tooLong)
	t.Cleanup(cancel)
	p := &process{Cmd: command(ctx, vars, args...)}
	p.Stderr = &p.errs
	if change != nil {
		change(p.Cmd)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// end sends the signals, and wants the process to end soon.
func (p *process) end(t *testing.T, signals ...os.Signal) {
	t.Helper()
	began := time.Now()
	for _, s := range signals {
		if err := p.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	_ = p.Wait()
	if took := time.Since(began); took > soon {
		t.Errorf("it ended after %v", took)
	}
}

// counting is an API that answers at once, until it hangs from a certain call on.
func counting(t *testing.T, hangFrom int64) (vars []string, calls *atomic.Int64) {
	t.Helper()
	calls = new(atomic.Int64)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) >= hangFrom {
			<-r.Context().Done()
		}
		_, _ = io.WriteString(w, "1")
	}))
	t.Cleanup(api.Close)
	fake := clienttest.Start(t, clienttest.Options{})
	return append(fake.Env(), "ADVOWARE_API_BASE_URL="+api.URL, "ADVOWARE_API_TIMEOUT_SECONDS=3600"), calls
}

func until(t *testing.T, what string, met func() bool) {
	t.Helper()
	for end := time.Now().Add(tooLong); !met(); <-time.After(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// A million calls are interrupted: the rest is not made, and not counted.
func TestInterruptedRepetition(t *testing.T) {
	const never = 1 << 60
	for name, c := range map[string]struct {
		signal   os.Signal
		hangFrom int64
	}{
		"SIGINT":                      {os.Interrupt, never},
		"SIGTERM":                     {syscall.SIGTERM, never},
		"SIGHUP":                      {syscall.SIGHUP, never},
		"SIGINT while all calls hang": {os.Interrupt, 100},
	} {
		t.Run(name, func(t *testing.T) {
			vars, calls := counting(t, c.hangFrom)
			p := begin(t, vars, nil, "call", "GET", "/x", "--store", "memory", "--repeat", "1000000", "--concurrency", "3", "--stats")
			until(t, "a hundred calls", func() bool { return calls.Load() >= 100 })
			p.end(t, c.signal)
			served := int(calls.Load())
			if status := p.ProcessState.ExitCode(); status != 1 {
				t.Errorf("status %d, want 1", status)
			}
			s, line := lastLine(t, p.errs.String())
			made := regexp.MustCompile(`^advoware: interrupted: (\d+) of 1000000 calls were made[^\n]*\n$`).FindStringSubmatch(line)
			if made == nil {
				t.Fatalf("stderr %q", line)
			}
			said, _ := strconv.Atoi(made[1])
			for _, n := range []int{said, *s.Calls} {
				if n < served || n > served+3 { // those that were on their way
					t.Errorf("%d calls are counted, %d were served", n, served)
				}
			}
			if *s.TokenFetches != 1 || strings.Contains(line, "failed") {
				t.Errorf("%q, %d token requests", line, *s.TokenFetches)
			}
		})
	}
}

// What holds a process up does not hold up an interrupt.
func TestInterruptWhateverItWaitsFor(t *testing.T) {
	large := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `"%s"`, strings.Repeat("x", 4<<20))
	}))
	defer large.Close()
	fake := clienttest.Start(t, clienttest.Options{})
	memory := []string{"--store", "memory"}

	t.Run("nobody reads the answer", func(t *testing.T) {
		reader, writer, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		p := begin(t, append(fake.Env(), "ADVOWARE_API_BASE_URL="+large.URL), func(c *exec.Cmd) { c.Stdout = writer }, append([]string{"call", "GET", "/x", "--stats"}, memory...)...)
		_ = writer.Close()
		if _, err := reader.Read(make([]byte, 1)); err != nil { // it is writing more than the pipe holds
			t.Fatal(err)
		}
		p.end(t, os.Interrupt)
		if s, line := lastLine(t, p.errs.String()); p.ProcessState.ExitCode() != 1 || *s.Calls != 1 || !strings.Contains(line, "interrupted") {
			t.Errorf("status %d, stderr %q", p.ProcessState.ExitCode(), &p.errs)
		}
	})
	t.Run("nobody reads the log", func(t *testing.T) {
		reader, writer, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		vars, calls := counting(t, 1<<60)
		p := begin(t, vars, func(c *exec.Cmd) { c.Stderr = writer }, "call", "GET", "/x", "--store", "memory", "--repeat", "1000000", "--log-level", "debug")
		_ = writer.Close()
		stalled := int64(0)
		until(t, "the log is full", func() bool {
			before := stalled
			stalled = calls.Load()
			<-time.After(50 * time.Millisecond)
			return stalled > 0 && before == stalled
		})
		p.end(t, syscall.SIGTERM)
		if status := p.ProcessState.ExitCode(); status != 1 {
			t.Errorf("status %d, want 1", status)
		}
	})
	t.Run("a write to a Redis that hangs", func(t *testing.T) {
		addr := redistest.Listen(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
		host, port, _ := net.SplitHostPort(addr)
		vars := append(fake.Env(), "REDIS_HOST="+host, "REDIS_PORT="+port, "REDIS_TIMEOUT_SECONDS=3600")
		reader, writer, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		p := begin(t, vars, func(c *exec.Cmd) { c.Stdout = writer }, "call", "GET", "/employees")
		_ = writer.Close()
		if _, err := bufio.NewReader(reader).ReadString('\n'); err != nil { // all is done but the write
			t.Fatal(err)
		}
		p.end(t, os.Interrupt)
	})
	t.Run("a pipe as --data @FILE", func(t *testing.T) {
		fifo := t.TempDir() + "/fifo"
		if err := syscall.Mkfifo(fifo, 0o600); err != nil {
			t.Skip(err)
		}
		p := begin(t, fake.Env(), nil, "call", "POST", "/appointments", "--store", "memory", "--data", "@"+fifo)
		opened := make(chan *os.File, 1)
		go func() { f, _ := os.OpenFile(fifo, os.O_WRONLY, 0); opened <- f }()
		defer func() { _ = (<-opened).Close() }()
		f := <-opened // it has opened the other end
		opened <- f
		p.end(t, os.Interrupt)
		if p.ProcessState.ExitCode() != 1 || p.errs.String() != "advoware: interrupted\n" {
			t.Errorf("status %d, stderr %q", p.ProcessState.ExitCode(), &p.errs)
		}
	})
}

// The second signal ends a process that the first one has not yet ended, because nobody
// reads what it writes.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	for range 10 { // it may be slow rather than held up, or end of itself before the second one
		reader, writer, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		fill(t, writer)
		if _, err := io.ReadFull(reader, make([]byte, 8<<10)); err != nil { // for the first lines of the log
			t.Fatal(err)
		}
		vars, calls := counting(t, 1<<60)
		p := begin(t, vars, func(c *exec.Cmd) { c.Stderr = writer }, "call", "GET", "/x", "--store", "memory", "--repeat", "1000000", "--log-level", "debug")
		_ = writer.Close()
		until(t, "it is held up", func() bool {
			before := calls.Load()
			<-time.After(200 * time.Millisecond)
			return before > 0 && calls.Load() == before
		})
		if err := p.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		go func() { // until it is gone; the first one of these may come while the first is being looked at
			for p.Process.Signal(os.Interrupt) == nil {
				<-time.After(10 * time.Millisecond)
			}
		}()
		_ = p.Wait()
		if s, ok := p.ProcessState.Sys().(syscall.WaitStatus); ok && s.Signaled() && s.Signal() == syscall.SIGINT {
			return
		}
	}
	t.Error("ten times, the second signal did nothing")
}

// fill writes as much to a pipe as it holds.
func fill(t *testing.T, pipe *os.File) {
	t.Helper()
	conn, err := pipe.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var full error
	if err := conn.Write(func(fd uintptr) bool { // as os.Pipe made it, a write does not wait
		for full == nil {
			_, full = syscall.Write(int(fd), make([]byte, 4<<10))
		}
		return true
	}); err != nil || !errors.Is(full, syscall.EAGAIN) {
		t.Fatalf("a pipe is full: %v, %v", err, full)
	}
}
