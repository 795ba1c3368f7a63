package bench_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// rounds runs the command with a test binary that plays, and returns with which flags
// and environment it was started, and what the command wrote to its file.
func rounds(t *testing.T, args ...string) (played []string, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "results.txt")
	t.Setenv(playEnv, "ok")
	out, errs, status := command(t.Context(), "", append([]string{"run", "--binary=" + os.Args[0], file}, args...)...)
	if status != 0 || !strings.HasSuffix(out, "\nThe results are in "+file+"\n") {
		t.Fatalf("status %d, %q, %q", status, out, errs)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^played: (.*)$`).FindAllStringSubmatch(string(b), -1) {
		played = append(played, m[1])
	}
	return played, string(b)
}

func TestRoundsAreInterleaved(t *testing.T) {
	played, text := rounds(t, "--bench=^BenchmarkCall$", "--rounds=3", "--benchtime=5ms")
	const round = "-test.bench=^BenchmarkCall$ -test.skip= -test.benchmem -test.benchtime=5ms -test.timeout=1h"
	if len(played) != 3 || !strings.HasPrefix(played[2], round+" ") {
		t.Errorf("%q; want three times %q", played, round)
	}
	byHand, ours := "BenchmarkCall/impl=by-hand-2 ", "BenchmarkCall/impl=advoware-2 "
	if order := regexp.MustCompile(`(?m)^Benchmark\S+ `).FindAllString(text, -1); !slices.Equal(order, []string{byHand, ours, byHand, ours, byHand, ours}) {
		t.Errorf("measured in the order %q", order)
	}
	if strings.Contains(text, "PASS") {
		t.Errorf("there is more than results in\n%s", text)
	}
}

func TestHeaderSaysWhereAndWhat(t *testing.T) {
	_, text := rounds(t, "--bench=X", "--rounds=1", "--benchtime=5ms", "--gomaxprocs=3", "--redis-server=no-such-program")
	want := regexp.MustCompile(`^go: go1\.\S+\ngomaxprocs: 3\n# commit: [0-9a-f]{12}(-dirty)?\n# redis: none\n# kernel: \S.*\n# 1 rounds of 5ms each\ngoos: `)
	if _, err := exec.LookPath("git"); err == nil && !want.MatchString(text) {
		t.Errorf("it begins\n%s\nwant\n%s", text, want)
	}
}

// Every setting is a flag and a variable of the environment.
func TestFlagsAndEnvironment(t *testing.T) {
	for _, c := range []struct{ flag, env, value, want string }{
		{"--set", "SET", "S1", "-test.bench=^BenchmarkToken(NoAlloc)?$ "},
		{"--bench", "BENCH", "Call", "-test.bench=Call "},
		{"--benchtime", "BENCHTIME", "7ms", "-test.benchtime=7ms "},
		{"--rounds", "ROUNDS", "1", ""},
		{"--gomaxprocs", "GOMAXPROCS", "1", " GOMAXPROCS=1 "},
		{"--redis-server", "ADVOWARE_REDIS_SERVER", "/no/redis", " ADVOWARE_REDIS_SERVER=/no/redis "},
	} {
		t.Run(c.flag, func(t *testing.T) {
			for _, how := range []string{"flag", "environment"} {
				args := []string{"--set=S4"}
				if c.flag == "--set" {
					args = nil
				}
				if how == "flag" {
					args = append(args, c.flag+"="+c.value)
				} else {
					t.Setenv(c.env, c.value)
				}
				if c.flag != "--rounds" {
					args = append(args, "--rounds=2")
				}
				played, _ := rounds(t, args...)
				want := 2
				if c.flag == "--rounds" {
					want = 1
				}
				if len(played) != want || !strings.Contains(played[0], c.want) {
					t.Errorf("by %s: %q; want %d rounds with %q", how, played, want, c.want)
				}
			}
		})
	}
	t.Run("--require-redis", func(t *testing.T) {
		t.Setenv("ADVOWARE_REQUIRE_REDIS", "")
		if played, _ := rounds(t, "--bench=X", "--rounds=1", "--require-redis"); !strings.HasSuffix(played[0], " ADVOWARE_REQUIRE_REDIS=1") {
			t.Errorf("%q", played)
		}
	})
	t.Run("empty variables are as good as none", func(t *testing.T) {
		for _, env := range []string{"SET", "BENCHTIME", "ROUNDS", "ADVOWARE_REDIS_SERVER"} {
			t.Setenv(env, "")
		}
		if played, _ := rounds(t, "--bench=X"); len(played) != 10 || !strings.Contains(played[0], "-test.benchtime=60ms ") {
			t.Errorf("%q", played)
		}
	})
	t.Run("--tmpdir", func(t *testing.T) {
		dir := t.TempDir()
		t.Setenv(playEnv, "ok")
		out, errs, status := command(t.Context(), "", "run", "--binary="+os.Args[0], "--bench=X", "--rounds=1", "--tmpdir="+dir)
		name, text := only(t, dir)
		if status != 0 || !strings.HasSuffix(name, ".txt") || !strings.HasSuffix(out, "The results are in "+filepath.Join(dir, name)+"\n") || !strings.Contains(text, "BenchmarkCall") {
			t.Errorf("status %d, %q, %q, %s has %q", status, out, errs, name, text)
		}
	})
}

func TestSets(t *testing.T) {
	const thousand = "-test.benchtime=125x"
	for set, want := range map[string]int{ // rounds in all
		"short": 2, "long": 2 + 8, "all": 4 + 8, "S1": 1, "S1b": 1, "S2": 1, "S3": 2, "S4": 1, "S5": 1, "S6": 8, "S7": 1, "S8": 1, "S9": 1, "S10": 1, "S11": 1, "S12": 2,
	} {
		played, _ := rounds(t, "--set="+set, "--rounds=1", "--benchtime=9ms")
		fixed := 0
		for _, p := range played {
			if strings.Contains(p, thousand) {
				fixed++
			}
		}
		wantFixed := 0
		if want >= 8 {
			wantFixed = 8
		}
		if len(played) != want || fixed != wantFixed {
			t.Errorf("%s: %d rounds, %d of a thousand cold starts together; want %d and %d", set, len(played), fixed, want, wantFixed)
		}
	}
	if played, _ := rounds(t, "--bench=.", "--rounds=1", "--benchtime=1x"); len(played) != 1 {
		t.Errorf("once for all: %d rounds", len(played))
	}
	if played, _ := rounds(t, "--bench=.", "--rounds=1", "--benchtime=9ms"); len(played) != 9 {
		t.Errorf("everything: %d rounds", len(played))
	}
}

func TestOnceShowsNoTables(t *testing.T) {
	t.Setenv(playEnv, "ok")
	for benchtime, want := range map[string]bool{"1x": false, "9ms": true} {
		out, _, _ := command(t.Context(), "", "run", "--binary="+os.Args[0], "--bench=X", "--rounds=1", "--benchtime="+benchtime, "--tmpdir="+t.TempDir())
		if got := strings.Contains(out, "The goals"); got != want {
			t.Errorf("%s: tables: %t; want %t", benchtime, got, want)
		}
	}
}

// interrupted starts the command in a process, interrupts it when it has measured
// something, and returns what it said and its status.
func interrupted(t *testing.T, args ...string) (errs string, status int) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows knows no way to send a signal to another process")
	}
	cmd := exec.Command(os.Args[0], append([]string{"run", "--binary=" + os.Args[0]}, args...)...)
	cmd.Env = append(os.Environ(), commandEnv+"=1", playEnv+"=hang")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	hung := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer hung.Stop()
	sent := false
	for in := bufio.NewScanner(out); in.Scan(); {
		if !sent && strings.HasPrefix(in.Text(), "BenchmarkCall/impl=advoware") {
			sent = true
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait()
	return said.String(), cmd.ProcessState.ExitCode()
}

func TestInterruptKeepsWhatWasMeasured(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "results.txt")
	errs, status := interrupted(t, "--bench=X", "--rounds=10", file)
	name, text := only(t, dir)
	if status != 130 || !strings.HasPrefix(name, "results.txt.") || !strings.HasSuffix(name, ".incomplete") ||
		!strings.Contains(errs, "Not finished. What was measured by then is in "+filepath.Join(dir, name)) {
		t.Fatalf("status %d, %q, and the file is %q", status, errs, name)
	}
	if !strings.HasSuffix(text, "BenchmarkCall/impl=advoware-2 \t 1 \t 103 p50-us\n# incomplete: interrupted in round 1 of 10, part 1 of 1\n") {
		t.Errorf("it ends with something else:\n%s", text)
	}
	out, errs, status := command(t.Context(), "", "goals", filepath.Join(dir, name))
	if first, _, _ := strings.Cut(out, "\n"); status != 0 || !strings.HasSuffix(first, ", INCOMPLETE: interrupted in round 1 of 10, part 1 of 1") {
		t.Errorf("goals: status %d, %s, %s", status, first, errs)
	}
}

func TestInterruptedTemporaryRunKeepsWhatWasMeasured(t *testing.T) {
	dir := t.TempDir()
	errs, status := interrupted(t, "--bench=X", "--tmpdir="+dir)
	name, text := only(t, dir)
	if status != 130 || !strings.HasSuffix(name, ".incomplete") || !strings.Contains(errs, name) || !strings.Contains(text, "BenchmarkCall") {
		t.Errorf("status %d, %q, %s has %q", status, errs, name, text)
	}
}
