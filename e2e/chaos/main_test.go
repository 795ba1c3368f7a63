package chaos_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"
)

// long is how long the mixed run lasts; 0 is the short form of all tests.
var long time.Duration

// minutes is how long the mixed run has to be for tests that wait for a minute to pass, and
// for those that do the same again and again.
const minutes = 10 * time.Minute

// TestMain reads the length and, in the long form, prints the figures at the end.
func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if text := os.Getenv("CHAOS_TIME"); text != "" {
		var err error
		if long, err = time.ParseDuration(text); err != nil || long <= 0 {
			fmt.Fprintf(os.Stderr, "CHAOS_TIME is %q, not a time such as 10m\n", text)
			return 2
		}
	}
	logging.Disable() // go-redis prints a line for each dial that fails
	dir, err := os.MkdirTemp("", "chaos")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	worker = sync.OnceValues(func() (string, error) { return build(filepath.Join(dir, "worker.exe"), "worker") })
	checker = sync.OnceValues(func() (string, error) { return build(filepath.Join(dir, "checker.exe"), "checker") })
	status := m.Run()
	if long > 0 {
		figures.print(os.Stdout)
	}
	return status
}

// worker and checker return the path of the worker and of what checks histories, each of
// which is built once, if a test needs it.
var worker, checker func() (string, error)

// build builds a command from its folder. The checker is a module of its own, and is compiled as
// go build does, whatever the tests are: it is there then, most of the time.
func build(path, from string, flags ...string) (string, error) {
	args := append([]string{"build", "-C", from, "-o", path}, flags...)
	if raceEnabled() && from == "worker" {
		args = append(args, "-race")
	} else {
		args = append(args, "-gcflags=all=")
	}
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
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
