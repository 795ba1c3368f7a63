package record_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/advoware-go/advoware/mutation/internal/record"
)

func write(t *testing.T, equivalent, score string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{record.EquivalentFile: equivalent, record.ScoreFile: score} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRead(t *testing.T) {
	r, err := record.Read(write(t, "# a comment\n./p: f.go f | remove | a: b\n\tNobody can tell,\n\tas nothing depends on it.\n", "./q 80\n./p 90\n"))
	if err != nil {
		t.Fatal(err)
	}
	if !r.Equivalent("./p", "f.go f | remove | a: b") || r.Equivalent("./q", "f.go f | remove | a: b") || r.Equivalent("./p", "f.go f | remove | a") {
		t.Error("the list is misread")
	}
	if got := r.Packages(); len(got) != 2 || got[0] != "./p" || r.Score("./p") != 90 || r.Score("./q") != 80 || r.Score("./r") != 0 {
		t.Errorf("%v", got)
	}
	for what, dir := range map[string]string{
		"no reason":         write(t, "./p: f.go f | remove | a\n", ""),
		"no package":        write(t, "f.go f | remove | a\n\tbecause\n", ""),
		"nothing explained": write(t, "\tbecause\n", ""),
		"no number":         write(t, "", "./p many\n"),
		"no percentage":     write(t, "", "./p 101\n"),
	} {
		if _, err := record.Read(dir); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	if _, err := record.Read(t.TempDir()); err != nil {
		t.Errorf("without the files: %v", err)
	}
}

// A sample as good as what is recorded always passes, and one that is far worse never does.
func TestLikely(t *testing.T) {
	for _, tt := range []struct {
		percent, killed, n int
		want               bool
	}{
		{90, 18, 20, true}, {90, 15, 20, true}, {90, 12, 20, false}, {90, 0, 1, true}, {90, 10, 20, false},
		{100, 20, 20, true}, {100, 19, 20, false}, {0, 0, 20, true}, {70, 10, 20, true}, {70, 5, 20, false},
	} {
		if got := record.Likely(tt.percent, tt.killed, tt.n); got != tt.want {
			t.Errorf("%+v: %t", tt, got)
		}
	}
}
