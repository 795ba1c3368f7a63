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
	binary = sync.OnceValues(func() (string, error) { return build(filepath.Join(dir, "worker.exe")) })
	status := m.Run()
	if long > 0 {
		figures.print(os.Stdout)
	}
	return status
}

// binary returns the path of the worker, which is built once, if a test needs it.
var binary func() (string, error)

func build(path string) (string, error) {
	args := []string{"build", "-o", path}
	if raceEnabled() {
		args = append(args, "-race")
	}
	if out, err := exec.Command("go", append(args, "./worker")...).CombinedOutput(); err != nil {
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
