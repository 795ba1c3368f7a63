package main_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/e2etest"
)

// binary is the command, built once: the tests see it as everybody else does. If these tests are
// run with the race detector, what [concurrent] names is run by a program that has it: such a
// process takes 30 ms of processor time to begin and end, another one 8, and these tests start six
// hundred. Where a Redis answers or refuses, a [patient] program is run.
var binary string

func TestMain(m *testing.M) { os.Exit(build(m)) }

func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "advoware")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	// A shell has what runs in the background ignore these, and nohup the second: what it
	// starts would too. What is notified is not ignored any more.
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGHUP} {
		if signal.Ignored(sig) {
			signal.Notify(make(chan os.Signal, 1), sig)
		}
	}
	if err := buildPrograms(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	binary = programs[program{}]
	return m.Run()
}

// concurrent says whether the command does several things at a time with these arguments, other
// than the library does in each of its own tests.
func concurrent(args []string) bool {
	return slices.ContainsFunc(args, func(arg string) bool {
		name, _, _ := strings.Cut(arg, "=")
		return slices.Contains([]string{"sandbox", "doctor", "--batch", "--repeat", "--concurrency", "-v", "--verbose"}, name)
	})
}

func raceEnabled() bool {
	info, _ := debug.ReadBuildInfo()
	for _, s := range info.Settings {
		if s.Key == "-race" {
			return s.Value == "true"
		}
	}
	return false
}

// tooLong is when a process that hangs is killed.
const tooLong = time.Minute

// outcome is how a run of the command ended.
type outcome struct {
	status   int
	out, err string
}

// run runs the command with an environment of env and nothing else of ours.
func run(t *testing.T, env []string, args ...string) outcome {
	t.Helper()
	return runWith(t, env, "", args...)
}

// runWith is run with something to read on standard input.
func runWith(t *testing.T, env []string, in string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), tooLong)
	defer cancel()
	var out, errs bytes.Buffer
	cmd := command(ctx, env, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(in), &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("advoware %q: %v, %v", args, err, ctx.Err())
	}
	return outcome{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

func command(ctx context.Context, env []string, args ...string) *exec.Cmd {
	p := program{patient: slices.Contains(env, patient)}
	p.raced = raceEnabled() && (p.patient || concurrent(args))
	cmd := exec.CommandContext(ctx, programs[p], args...)
	cmd.Env = []string{"GORACE=atexit_sleep_ms=0"} // or each run takes a second
	for _, line := range os.Environ() {
		if !strings.HasPrefix(line, "ADVOWARE_") && !strings.HasPrefix(line, "REDIS_") {
			cmd.Env = append(cmd.Env, line)
		}
	}
	for _, line := range env {
		if line != patient {
			cmd.Env = append(cmd.Env, line) // of two values of a name the last one counts
		}
	}
	return cmd
}

// wantQuiet checks a run that had nothing to complain about.
func (o outcome) wantQuiet(t *testing.T) {
	t.Helper()
	if o.status != 0 || o.err != "" {
		t.Errorf("status %d, stderr %q; want 0 and nothing", o.status, o.err)
	}
}

// wantFailure checks a run that says in one line why it failed, and prints nothing.
func (o outcome) wantFailure(t *testing.T, status int, words ...string) {
	t.Helper()
	if o.status != status || o.out != "" {
		t.Errorf("status %d, stdout %q; want %d and nothing", o.status, o.out, status)
	}
	if !strings.HasPrefix(o.err, "advoware: ") || strings.Count(o.err, "\n") != 1 || !strings.HasSuffix(o.err, "\n") {
		t.Errorf("stderr %q; want one line from advoware", o.err)
	}
	for _, word := range words {
		if !strings.Contains(o.err, word) {
			t.Errorf("stderr %q; want %q in it", o.err, word)
		}
	}
}

// noRedis is an environment with a Redis that is not there.
func noRedis(t *testing.T) []string {
	t.Helper()
	return []string{"REDIS_HOST=127.0.0.1", "REDIS_PORT=" + e2etest.ClosedPort(t), patient}
}

// env joins environments; later ones win.
func env(parts ...[]string) []string {
	var all []string
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}
