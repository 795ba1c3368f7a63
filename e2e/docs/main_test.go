//go:build !race

// Package docs tests the documents: it runs their blocks, and holds their names against the
// code.
//
// A block in sh is run as it stands by bash, in an empty folder beside a checkout; it must
// end by itself, with status 0. What takes minutes (make, the benchmarks) is only looked for.
// A block in go that is a program is run; others are compiled, as declarations or as the body
// of a function, and the tests among them are run. Python is run, data is parsed. Text that
// begins with a prompt is a screen: the command is run on a terminal, and must show it. All of
// them find a fake Advoware and a real Redis in the environment.
//
// It is built, and builds, without the race detector, which finds nothing in the text of a
// document and makes each of its builds several times as long. The programs of examples/ and
// the command are tested with it where they are.
package docs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// bin has the command and what stands in for programs that take long.
var bin string

// binary is the command.
func binary() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(bin, "advoware.exe")
	}
	return filepath.Join(bin, "advoware")
}

func TestMain(m *testing.M) { os.Exit(build(m)) }

func build(m *testing.M) int {
	var err error
	if bin, err = os.MkdirTemp("", "docs"); err == nil {
		defer os.RemoveAll(bin)
		err = errors.Join(buildCommand(), standIns())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// buildCommand builds the command for the blocks that call it.
func buildCommand() error {
	cmd := exec.Command("go", "build", "-o", binary(), "./cmd/advoware")
	cmd.Dir, cmd.Env = root, append(os.Environ(), goFlags)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// goFlags are those of every build: what make test-rest compiles with, so that it is there, and
// without symbols, as linking is quicker then.
var goFlags = "GOFLAGS=" + os.Getenv("GOFLAGS") + " -ldflags=-w"

// tooLong is when what hangs is killed. To compile the benchmarks may take minutes while the machine is busy.
const tooLong = 5 * time.Minute

// office returns an environment with a fake Advoware and a Redis of its own, and nothing of
// ours besides.
func office(t *testing.T) []string {
	t.Helper()
	redis := redistest.Start(t)
	host, port, err := net.SplitHostPort(redis.Addr())
	if err != nil {
		t.Fatal(err)
	}
	env := []string{"GORACE=atexit_sleep_ms=0"} // or each run takes a second
	for _, line := range os.Environ() {
		if !strings.HasPrefix(line, "ADVOWARE_") && !strings.HasPrefix(line, "REDIS_") {
			env = append(env, line)
		}
	}
	for _, line := range clienttest.Start(t, clienttest.Options{}).Env() {
		if !strings.HasPrefix(line, "ADVOWARE_TOKEN_KEY=") { // the Redis is nobody else's
			env = append(env, line)
		}
	}
	return append(env, "REDIS_HOST="+host, "REDIS_PORT="+port, "no_proxy=127.0.0.1", "PYTHONDONTWRITEBYTECODE=1",
		"ADVOWARE_COMMAND="+binary(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// mustRun runs a program, whose output is shown if it fails, and returns its output.
func mustRun(t *testing.T, what fmt.Stringer, dir string, env []string, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), tooLong)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, env
	out, err := os.Create(filepath.Join(t.TempDir(), "output")) // a file: what goes on in the background may hold it open
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	inGroup(cmd)
	err = cmd.Start()
	if err == nil {
		err = cmd.Wait()
		endGroup(cmd)
	}
	text, _ := os.ReadFile(out.Name())
	if err != nil {
		t.Errorf("%s: %v, %v\n%s", what, err, context.Cause(ctx), bytes.TrimSpace(text))
	}
	return string(text)
}
