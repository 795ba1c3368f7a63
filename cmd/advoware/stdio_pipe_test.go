//go:build unix

package main_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// everyPrinter has a command line for each command that prints and ends.
var everyPrinter = [][]string{
	{"call", "--sandbox", "GET", "/employees"},
	{"token", "--sandbox"},
	{"sandbox"},
	{"version"},
	{"version", "--json"},
	{"man"},
	{"completion", "bash"},
	{"help"},
	{"help", "call"},
	{"--help"},
	{"call", "--help"},
}

// A pipe whose reader has left ends each command in silence, as SIGPIPE ends others.
func TestReaderHasLeft(t *testing.T) {
	for _, args := range everyPrinter {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			p := begin(t, nil, func(c *exec.Cmd) { c.Stdout = leftPipe(t) }, args...)
			_ = p.Wait()
			wantPiped(t, p)
		})
	}
	t.Run("of the log", func(t *testing.T) {
		p := begin(t, nil, func(c *exec.Cmd) { c.Stderr = leftPipe(t) },
			"call", "--sandbox", "GET", "/employees", "--log-level", "debug", "--repeat", "100000000")
		_ = p.Wait()
		wantPiped(t, p)
	})
}

// leftPipe is the end of a pipe whose other end is closed.
func leftPipe(t *testing.T) *os.File {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = reader.Close()
	t.Cleanup(func() { _ = writer.Close() })
	return writer
}

func wantPiped(t *testing.T, p *process) {
	t.Helper()
	if s, ok := p.ProcessState.Sys().(syscall.WaitStatus); !ok || !s.Signaled() || s.Signal() != syscall.SIGPIPE {
		t.Errorf("%v; want an end by SIGPIPE", p.ProcessState)
	}
	if p.errs.Len() > 0 {
		t.Errorf("stderr %q", &p.errs)
	}
}

// A token that was fetched for an answer that nobody reads is in Redis, for the next one.
func TestReaderHasLeftTheTokenStays(t *testing.T) {
	server, fake := redistest.Start(t), clienttest.Start(t, clienttest.Options{})
	vars := env(fake.Env(), redisAt(server))
	p := begin(t, vars, func(c *exec.Cmd) { c.Stdout = leftPipe(t) }, "call", "GET", "/employees")
	_ = p.Wait()
	wantPiped(t, p)
	run(t, vars, "call", "GET", "/employees").wantQuiet(t)
	if n := fake.Counts().TokenRequests; n != 1 {
		t.Errorf("%d token requests, want 1", n)
	}
}

// What a call failed with is said although nobody reads the answer.
func TestReaderHasLeftAndCallsFailed(t *testing.T) {
	p := begin(t, nil, func(c *exec.Cmd) { c.Stdout = leftPipe(t) }, "call", "--sandbox", "GET", "/nowhere")
	_ = p.Wait()
	if p.ProcessState.ExitCode() != 1 || !strings.Contains(p.errs.String(), "API status 404") {
		t.Errorf("%v, stderr %q", p.ProcessState, &p.errs)
	}
}

// What cannot be written is an error of each command.
func TestOutputThatCannotBeWritten(t *testing.T) {
	full := func(t *testing.T) *os.File { return opened(t, "/dev/full", os.O_WRONLY, "space") }
	for _, args := range everyPrinter {
		t.Run(strings.Join(args, " ")+" to a full disk", func(t *testing.T) {
			p := begin(t, nil, func(c *exec.Cmd) { c.Stdout = full(t) }, args...)
			_ = p.Wait()
			if got := p.errs.String(); p.ProcessState.ExitCode() != 1 || got != "advoware: standard output: no space left on device\n" {
				t.Errorf("status %d, stderr %q", p.ProcessState.ExitCode(), got)
			}
		})
	}
	t.Run("to a file for reading", func(t *testing.T) {
		p := begin(t, nil, func(c *exec.Cmd) { c.Stdout = opened(t, os.DevNull, os.O_RDONLY, "") }, "version")
		_ = p.Wait()
		if p.ProcessState.ExitCode() != 1 || p.errs.String() != "advoware: standard output: bad file descriptor\n" {
			t.Errorf("status %d, stderr %q", p.ProcessState.ExitCode(), &p.errs)
		}
	})
	t.Run("statistics to a full disk", func(t *testing.T) {
		p := begin(t, nil, func(c *exec.Cmd) { c.Stderr = full(t) }, "call", "--sandbox", "GET", "/employees", "--stats")
		_ = p.Wait()
		if p.ProcessState.ExitCode() != 1 {
			t.Errorf("status %d", p.ProcessState.ExitCode())
		}
	})
}

// opened opens a device, or skips the test where there is none.
func opened(t *testing.T, name string, flag int, what string) *os.File {
	t.Helper()
	f, err := os.OpenFile(name, flag, 0)
	if err != nil {
		t.Skip("no", name, what, err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// Go opens /dev/null in place of a descriptor that is closed, before the command begins: what
// is printed goes nowhere, and into no connection that would have got the number.
func TestClosedOutput(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	for _, closed := range []string{">&-", "2>&-", "<&-", ">&- 2>&- <&-"} {
		cmd := exec.Command("sh", "-c", `exec "$@" `+closed, "sh", binary, "call", "POST", "/api/v1/Echo", "-d", `{"a":1}`, "--store", "memory")
		cmd.Env = command(t.Context(), fake.Env()).Env
		if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), "advoware:") {
			t.Errorf("%s: %v, %s", closed, err, out)
		}
	}
	for _, r := range fake.RawRequests() {
		if r.Path == "/api/v1/Echo" && string(r.Body) != `{"a":1}` {
			t.Errorf("the request has %q", r.Body)
		}
	}
}

// A second signal ends each command at once, whatever it waits for.
func TestSecondSignalEndsEachCommand(t *testing.T) {
	arrived := make(chan struct{}, 10)
	hang := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // net/http notices that a client has gone only after it
		arrived <- struct{}{}
		<-r.Context().Done()
	}))
	defer hang.Close()
	vars := append(clienttest.Start(t, clienttest.Options{}).Env(), "ADVOWARE_TOKEN_URL="+hang.URL, "ADVOWARE_API_TIMEOUT_SECONDS=3600")
	for _, args := range [][]string{{"token"}, {"call", "GET", "/x"}} {
		t.Run(args[0], func(t *testing.T) {
			p := begin(t, vars, nil, append(args, "--store", "memory")...)
			<-arrived
			p.end(t, os.Interrupt, os.Interrupt)
			s, _ := p.ProcessState.Sys().(syscall.WaitStatus)
			if killed := s.Signaled() && s.Signal() == syscall.SIGINT; !killed && p.ProcessState.ExitCode() != 1 {
				t.Errorf("%v", p.ProcessState)
			}
		})
	}
}
