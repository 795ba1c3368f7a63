package trial_test

import (
	"os"
	"path/filepath"
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

type Sum[N ~int] struct{ of N }

func (s *Sum[N]) Add(n N, _ string) {
	if n > 1 {
		s.of += n
	}
}

func (s *Sum[N]) Of() N { return s.of }

func Spread(_ string, rest ...int) (n int) {
	for _, n = range rest {
		if n > 1 {
			return n
		}
	}
	return
}

func Generic[N ~int](a, b N) N { return a + b }

func Invalid(a string) string { return a + "b" }

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

func TestGeneric(t *testing.T) {
	s := new(p.Sum[int])
	s.Add(1, "")
	s.Add(2, "")
	if s.Of() != 2 || p.Spread("", 0, 3) != 3 || p.Generic(1, 2) != 3 {
		t.Error("wrong")
	}
	p.Invalid("")
}

func TestThatFailsAnyway(t *testing.T) { t.Error("which says nothing of a mutant") }

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
	for _, together := range []bool{false, true} {
		tried(t, s, paths, together)
	}
}

// tried tries the mutants, each compiled alone or many together.
func tried(t *testing.T, s *trial.Subject, paths []string, together bool) {
	want := map[string]string{
		"p.go Tested | > to >= | n > 1":        trial.Killed + " TestTested",
		"p.go Run | > to >= | n > 1":           trial.Survived,
		"p.go Case | > to >= | n > 1":          trial.Killed + " TestTested",
		"p.go Case | < to <= | n < -1":         trial.Survived,
		"p.go Left | > to >= | n > 1":          trial.Killed + " TestTested",
		"p.go Unrun | > to >= | n > 1":         trial.Unrun,
		"p.go (*Sum[N]).Add | > to >= | n > 1": trial.Killed + " TestGeneric",
		"p.go Spread | > to >= | n > 1":        trial.Survived,
		"p.go Generic | + to - | a + b":        trial.Killed + " TestGeneric",
		"p.go Invalid | + to - | a + \"b\"":    trial.Invalid,
		"script.lua  | double | return 10":     trial.Killed + " TestScript",
	}
	changes := make(map[int]trial.Change)
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
			if want[m.Key()] != "" {
				changes[len(changes)+1] = trial.Change{Path: path, Mutant: m}
			}
		}
	}
	var in []*trial.Together
	if together {
		all, err := s.Combine(t.Context(), changes, false)
		if err != nil {
			t.Fatal(err)
		}
		in = append(in, all)
	}
	for number, c := range changes {
		r, err := s.Run(t.Context(), c, number, in...)
		got := r.Outcome
		if got == trial.Killed {
			got += " " + r.By
		}
		if err != nil || got != want[c.Key()] {
			t.Errorf("%s: %s, %v; want %s", c.Key(), got, err, want[c.Key()])
		}
		delete(want, c.Key())
	}
	for key := range want {
		t.Errorf("%s was not found", key)
	}
}
