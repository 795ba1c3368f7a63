package trial_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/mutation/internal/mutate"
	"github.com/advoware-go/advoware/mutation/internal/trial"
)

// The package has a function that is tested, one that is run and not looked at, and one that no
// test runs.
var files = map[string]string{
	"go.mod": "module example.com/p\n\ngo 1.26.0\n",
	"p/p.go": `package p

import _ "embed"

//go:embed script.lua
var Script string

func Tested(n int) bool { return n > 1 }

func Run(n int) bool { return n > 1 }

func Case(n int) bool {
	switch {
	case n > 1,
		n < -1:
		return true
	}
	return false
}

func Left(n int) bool {
	switch {
	case n > 1:
		return true
	}
	return false
}

func Unrun(n int) bool { return n > 1 }


`,
	"p/script.lua": "return 10\n",
	"p/p_test.go": `package p_test

import (
	"testing"

	"example.com/p/p"
)

func TestTested(t *testing.T) {
	if p.Tested(1) || !p.Tested(2) {
		t.Error("wrong")
	}
	p.Run(1)
	if p.Left(0) || p.Left(1) { // the case itself is never run
		t.Error("wrong")
	}
	if p.Case(1) || !p.Case(2) {
		t.Error("wrong")
	}
}

func TestScript(t *testing.T) {
	if p.Script != "return 10\n" {
		t.Errorf("%q", p.Script)
	}
}
`,
}

func TestRun(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "p"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := &trial.Subject{Package: "./p", Root: root, Temp: t.TempDir()}
	paths, err := s.Files(t.Context())
	if err != nil || len(paths) != 2 {
		t.Fatal(paths, err)
	}
	cache := t.TempDir()
	for range 2 { // measured, and read
		if err := s.Measure(t.Context(), cache, 2); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]string{
		"p.go Tested | > to >= | n > 1":    trial.Killed + " TestTested",
		"p.go Run | > to >= | n > 1":       trial.Survived,
		"p.go Case | > to >= | n > 1":      trial.Killed + " TestTested",
		"p.go Case | < to <= | n < -1":     trial.Survived,
		"p.go Left | > to >= | n > 1":      trial.Killed + " TestTested",
		"p.go Unrun | > to >= | n > 1":     trial.Unrun,
		"script.lua  | double | return 10": trial.Killed + " TestScript",
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found, err := mutate.Find(path, text)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range found {
			if want[m.Key()] == "" {
				continue
			}
			r, err := s.Run(t.Context(), path, m, "m")
			if got := strings.TrimSpace(r.Outcome + " " + r.By); err != nil || got != want[m.Key()] {
				t.Errorf("%s: %s, %v; want %s", m.Key(), got, err, want[m.Key()])
			}
			delete(want, m.Key())
		}
		if after, _ := os.ReadFile(path); string(after) != string(text) {
			t.Errorf("%s was changed", path)
		}
	}
	for key := range want {
		t.Errorf("%s was not found", key)
	}
}
