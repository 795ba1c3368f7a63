package bench_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Whatever was measured in a benchmark is in a table of it.
func TestTablesShowEverybody(t *testing.T) {
	files, err := filepath.Glob("../results/*-*-*-*-*64.txt") // whole runs, not rows
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
			if len(peers[benchmark]) == 0 {
				t.Fatal("not measured")
			}
			file := filepath.Join(t.TempDir(), "results.txt")
			if err := os.WriteFile(file, []byte(lines[benchmark]), 0o600); err != nil {
				t.Fatal(err)
			}
			out, errs, status := command(t.Context(), "", "tables", file)
			got, _, ok := strings.Cut(out, "The goals") // which name a few, measured or not
			if status != 0 || !ok {
				t.Fatalf("status %d\n%s\n%s", status, errs, out)
			}
			for _, name := range slices.Compact(slices.Sorted(slices.Values(peers[benchmark]))) {
				if !regexp.MustCompile(`(?m)(^|\s)` + regexp.QuoteMeta(name) + `(\s|$)`).MatchString(got) {
					t.Errorf("%s is in no table", name)
				}
			}
		})
	}
}

// TestTablesCompareWithTheFirstColumn has the figures that benchstat gives for the same
// results.
func TestTablesCompareWithTheFirstColumn(t *testing.T) {
	out, errs, status := command(t.Context(), "", "tables", "../results/2026-11-28-linux-amd64.txt")
	if status != 0 || errs != "" {
		t.Fatalf("status %d, %s", status, errs)
	}
	spaces := regexp.MustCompile(` +`)
	got := spaces.ReplaceAllString(out, " ")
	for _, want := range []string{`
Counted, with all hooks
sec/op off on vs base
1 5.543n ± 6% 19.230n ± 4% +246.89% (p=0.000 n=10)
2 2.752n ± 2% 9.882n ± 75% +259.08% (p=0.000 n=10)
geomean 3.906n 13.79n +252.94%
`, `
A token request, answered in memory
sec/op advoware by-hand vs base
Fetch 9.876µ ± 13% 10.422µ ± 5% ~ (p=0.165 n=10)
`, `
A large answer
sec/op advoware oauth2 vs base
whole 62.19m ± 4%
stream 55.14m ± 3% 56.55m ± 2% +2.57% (p=0.002 n=10)
each 57.76m ± 3%
geomean 58.29m 56.55m +2.57%
geomean: of the rows that both columns have
`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
}
