package bench_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// only returns the one file of a folder besides those that are named, and its text.
func only(t *testing.T, dir string, besides ...string) (name, text string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if len(besides) > 0 && e.Name() == besides[0] {
			continue
		}
		if name != "" {
			t.Fatalf("there are %s and %s", name, e.Name())
		}
		name = e.Name()
	}
	if name == "" {
		return "", ""
	}
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return name, string(b)
}

func TestResultsAreNotOverwritten(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "results.txt")
	if err := os.WriteFile(file, []byte("yesterday's\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("BENCH", "^$")
	t.Setenv("SET", "")
	t.Setenv(playEnv, "ok")
	_, errs, status := command(t.Context(), "", "run", "--binary="+os.Args[0], file)
	if status != 2 || !strings.Contains(errs, "not overwritten") {
		t.Errorf("status %d, %q; want a refusal", status, errs)
	}
	if name, text := only(t, dir); name != "results.txt" || text != "yesterday's\n" {
		t.Errorf("%s has %q now", name, text)
	}
}

func TestResultsThatAppearMeanwhileAreNotOverwritten(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "results.txt")
	t.Setenv(playEnv, "meanwhile")
	t.Setenv(targetEnv, file)
	_, errs, status := command(t.Context(), "", "run", "--binary="+os.Args[0], "--bench=X", "--rounds=1", file)
	if status != 1 || !strings.Contains(errs, "not overwritten") {
		t.Errorf("status %d, %q; want a refusal", status, errs)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "theirs\n" {
		t.Errorf("%v, the file has %q now", err, text)
	}
	name, text := only(t, dir, "results.txt")
	if !strings.Contains(text, "BenchmarkCall/impl=advoware-2") || !strings.Contains(errs, name) {
		t.Errorf("%s has %q, and the command said %q", name, text, errs)
	}
}

func TestAnEmptyFileIsUsed(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "results.txt")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(playEnv, "ok")
	if _, errs, status := command(t.Context(), "", "run", "--binary="+os.Args[0], "--bench=X", "--rounds=1", file); status != 0 {
		t.Errorf("status %d, %q", status, errs)
	}
	if name, text := only(t, dir); name != "results.txt" || !strings.Contains(text, "BenchmarkCall/impl=advoware-2") {
		t.Errorf("%s has %q now", name, text)
	}
}

func TestRunThatFailsKeepsWhatWasMeasured(t *testing.T) {
	for play, want := range map[string]string{"fail": "# incomplete: a benchmark failed: exit status 1 in round 1 of 3, part 1 of 1\n", "none": ""} {
		dir := t.TempDir()
		file := filepath.Join(dir, "results.txt")
		t.Setenv(playEnv, play)
		out, errs, status := command(t.Context(), "", "run", "--binary="+os.Args[0], "--bench=X", "--rounds=3", file)
		name, text := only(t, dir)
		switch play {
		case "none":
			if status != 0 || !strings.Contains(out, "no benchmark here has such a name") || name != "" {
				t.Errorf("%s: status %d, %q, %q, and a file %q", play, status, out, errs, name)
			}
		case "fail":
			if status != 1 || !strings.HasSuffix(name, ".incomplete") || !strings.Contains(errs, name) ||
				!strings.Contains(text, "BenchmarkCall/impl=advoware-2") || !strings.HasSuffix(text, want) {
				t.Errorf("%s: status %d, %q, and %s has\n%s", play, status, errs, name, text)
			}
		}
	}
}
