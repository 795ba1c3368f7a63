package bench_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestResultsOfDifferentCommitsAreNotMixed(t *testing.T) {
	const a = "# commit: aaa\nBenchmarkFailing/store=tiered 1 1 requests/op\n"
	const b = "# commit: bbb\nBenchmarkFailing/store=tiered 1 1 requests/op\n"
	dir := t.TempDir()
	file := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	one, two, again := file("one", a), file("two", b), file("again", a)
	for name, args := range map[string][]string{
		"in one input": {"goals"}, "in two files": {"goals", one, two}, "in tables": {"tables", one, two},
	} {
		out, errs, status := command(t.Context(), a+b, args...)
		if status != 2 || !strings.Contains(errs, "different commits, aaa and bbb") || strings.Contains(out, "reached") {
			t.Errorf("%s: status %d, %q and %q; want a refusal", name, status, errs, out)
		}
	}
	if out, errs, status := command(t.Context(), "", "goals", one, again); status != 0 || !strings.Contains(out, "commit aaa") {
		t.Errorf("two files of one commit: status %d, %q and %q", status, errs, out)
	}
}

func TestLineThatWasCutOffIsReportedAndLeftOut(t *testing.T) {
	out, errs, status := command(t.Context(), "BenchmarkFailing/store=tiered 1 1 requests/op\nBenchmarkFailing/store=tiered-2 \t 1\n", "goals")
	if status != 0 || !strings.Contains(errs, "standard input:2: ") || !strings.Contains(out, "\n1 reached, 0 missed") {
		t.Errorf("status %d, %q and %q", status, errs, out)
	}
}
