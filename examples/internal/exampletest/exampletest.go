// Package exampletest runs the programs of the examples as processes of their own, which
// the environment leads to a fake Advoware.
//
//	func TestMain(m *testing.M) { exampletest.Main(m, main) }
//
// Start and Run then start the program that is under test: the test itself once more,
// whose TestMain calls main. Nothing has to be built, and the race detector is in it.
package exampletest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// variable is set for a process that is the program, and not its test.
const variable = "ADVOWARE_EXAMPLE"

// Main calls main in a process that was started by Start or Run, and runs the tests in
// any other.
func Main(m *testing.M, main func()) {
	if os.Getenv(variable) == "" {
		os.Exit(m.Run())
	}
	main()
	os.Exit(0)
}

// Env is the environment of a program that calls fake. Nothing of the test's own leads to
// an Advoware or to a Redis; without one, each program keeps its token to itself.
func Env(fake *clienttest.Server) []string {
	env := append(fake.Env(), "REDIS_HOST=127.0.0.1", "REDIS_PORT=1")
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "ADVOWARE_") && !strings.HasPrefix(entry, "REDIS_") {
			env = append(env, entry)
		}
	}
	return env
}

// Process is a program that runs.
type Process struct {
	cmd    *exec.Cmd
	stdout *bufio.Reader
	stderr *bytes.Buffer
}

// Result is how a program ended.
type Result struct {
	Stdout, Stderr string
	Status         int // -1 if a signal ended it
}

// Start starts the program under test. It ends with the test, or after a minute.
func Start(t *testing.T, env []string, args ...string) *Process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(env, variable+"=1", "GORACE=atexit_sleep_ms=0") // which is a second
	p := &Process{cmd: cmd, stderr: new(bytes.Buffer)}
	cmd.Stderr = p.stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		p.stdout = bufio.NewReader(out)
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return p
}

// Run starts the program and waits for its end.
func Run(t *testing.T, env []string, args ...string) Result {
	t.Helper()
	return Start(t, env, args...).Wait(t)
}

// Line returns the next line that the program prints, without its end.
func (p *Process) Line(t *testing.T) string {
	t.Helper()
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		rest := p.Wait(t)
		t.Fatalf("no line, but the end, with status %d and %q\n%s", rest.Status, line, rest.Stderr)
	}
	return strings.TrimSuffix(line, "\n")
}

// Signal sends a signal, or skips the test where there are none.
func (p *Process) Signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Skipf("no signals here: %v", err)
	}
}

// Wait waits for the end of the program, and returns what is left of its output.
func (p *Process) Wait(t *testing.T) Result {
	t.Helper()
	out, err := io.ReadAll(p.stdout)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		if _, ended := errors.AsType[*exec.ExitError](err); !ended {
			t.Fatal(err)
		}
	}
	return Result{Stdout: string(out), Stderr: p.stderr.String(), Status: p.cmd.ProcessState.ExitCode()}
}
