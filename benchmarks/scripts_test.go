package benchmarks

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// script runs one of the shell scripts here.
func script(t *testing.T, input string, env []string, args ...string) (output string, err error) {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash on PATH: the scripts here are written in it")
	}
	cmd := exec.Command("bash", args...)
	cmd.Stdin, cmd.Env = strings.NewReader(input), append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestGoalsAreJudgedByWhatWasMeasured(t *testing.T) {
	for _, c := range []struct{ name, results, want string }{
		{"at the limit", "BenchmarkCall/impl=by-hand-2 1 100 p50-us 10 allocs/op\nBenchmarkCall/impl=advoware-2 1 103 p50-us 15 allocs/op\n",
			"| 1.03 reached (x/oauth2 -); +5 reached |"},
		{"over it", "BenchmarkCall/impl=by-hand-2 1 100 p50-us 10 allocs/op\nBenchmarkCall/impl=advoware-2 1 104 p50-us 16 allocs/op\n",
			"| 1.04 **missed** (x/oauth2 -); +6 **missed** |"},
		{"over it by less than is shown", "BenchmarkCall/impl=by-hand-2 1 10000 p50-us\nBenchmarkCall/impl=advoware-2 1 10301 p50-us\n",
			"| 1.03 **missed** (x/oauth2 -); - |"},
		{"ratios of rounds", "BenchmarkCall/impl=by-hand-2 1 100 p50-us\nBenchmarkCall/impl=advoware-2 1 102 p50-us\n" +
			"BenchmarkCall/impl=by-hand-2 1 50 p50-us\nBenchmarkCall/impl=advoware-2 1 51 p50-us\n" +
			"BenchmarkCall/impl=by-hand-2 1 50 p50-us\nBenchmarkCall/impl=advoware-2 1 102 p50-us\n", // the median of ours is 102, of the others 50
			"| 1.02 reached (x/oauth2 -); - |"},
		{"the median counts", "BenchmarkFailing/store=tiered 1 1 requests/op\nBenchmarkIdentityMemory/layer=store/store=memory 1 900 B/identity\n" +
			"BenchmarkIdentityMemory/layer=store/store=memory 1 300 B/identity\nBenchmarkIdentityMemory/layer=store/store=memory 1 200 B/identity\n",
			"| 300 B reached (stretch 130: 300, not); -, - |"},
		{"the worst round counts", "BenchmarkFailing/store=tiered 1 1 requests/op\nBenchmarkFailing/store=tiered 1 1 requests/op\nBenchmarkFailing/store=tiered 1 2 requests/op\n",
			"| 2 **missed** (-) |"},
		{"too few rounds", "BenchmarkStampede/store=tiered 999 1 requests/round\n", "| - (1 in 999 rounds); -, - (the channel -) |"},
		{"a round with two", "BenchmarkStampede/store=tiered 999 1.001 requests/round\n", "| 1.001 in 999 rounds **missed**; -, - (the channel -) |"},
		{"enough rounds", "BenchmarkStampede/store=tiered 500 1 requests/round\nBenchmarkStampede/store=tiered 500 1 requests/round\n",
			"| 1 in 1000 rounds reached; -, - (the channel -) |"},
		{"nothing", "", "\n0 reached, 0 missed, 52 not measured.\n"},
	} {
		if got, err := script(t, c.results, nil, "goals.sh"); err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%s: %v, and no %q in\n%s", c.name, err, c.want, got)
		}
	}
}

// Whoever was measured in a benchmark is in a table of it.
func TestTablesShowEverybody(t *testing.T) {
	if testing.Short() {
		t.Skip("benchstat has to be built for it")
	}
	files, err := filepath.Glob("results/*-*-*-*-*64.txt") // whole runs, not rows
	if err != nil || len(files) == 0 {
		t.Fatalf("no results: %v", err)
	}
	results, err := os.ReadFile(slices.Max(files))
	if err != nil {
		t.Fatal(err)
	}
	lines, peers := make(map[string]string), make(map[string][]string) // by benchmark
	for _, m := range regexp.MustCompile(`(?m)^Benchmark(\w+)/(?:layer=store/)?(?:store|transport|impl|lock)=([\w.+-]+?)(?:-\d+)?(?:/\S+)?\s.*\n`).FindAllStringSubmatch(string(results), -1) {
		lines[m[1]] += m[0]
		peers[m[1]] = append(peers[m[1]], m[2])
	}
	for _, benchmark := range []string{
		"Token", "Identities", "HitRatio", "RoundTrip", "Sign", "Fetch", "RedisGet", "Call", "Large",
		"Stampede", "Expiry", "Fleet", "FleetKilled", "Failing", "IdentityMemory",
	} {
		t.Run(benchmark, func(t *testing.T) {
			t.Parallel()
			if len(peers[benchmark]) == 0 {
				t.Fatal("not measured")
			}
			file := filepath.Join(t.TempDir(), "results.txt")
			if err := os.WriteFile(file, []byte(lines[benchmark]), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := script(t, "", nil, "tables.sh", file)
			got, _, ok := strings.Cut(got, "The goals") // which name a few, measured or not
			if err != nil || !ok {
				t.Fatalf("%v\n%s", err, got)
			}
			for _, name := range slices.Compact(slices.Sorted(slices.Values(peers[benchmark]))) {
				if !regexp.MustCompile(`(?m)(^|[\s│])` + regexp.QuoteMeta(name) + `([\s│]|$)`).MatchString(got) {
					t.Errorf("%s is in no table", name)
				}
			}
		})
	}
}

func TestResultsOfDifferentCommitsAreNotMixed(t *testing.T) {
	got, err := script(t, "# commit: aaa\nBenchmarkFailing/store=tiered 1 1 requests/op\n# commit: bbb\n", nil, "goals.sh")
	if err == nil || !strings.Contains(got, "different commits, aaa and bbb") || strings.Contains(got, "reached") {
		t.Errorf("got %v and %q; want a refusal", err, got)
	}
}

func TestResultsAreNotOverwritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "results.txt")
	if err := os.WriteFile(file, []byte("yesterday's\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := script(t, "", []string{"BENCH=^$", "SET="}, "run.sh", file)
	if err == nil || !strings.Contains(out, "not overwritten") {
		t.Errorf("got %v and %q; want a refusal", err, out)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "yesterday's\n" {
		t.Errorf("%v, the file has %q now", err, got)
	}
}
