// Package record reads what is known of mutants: which are equivalent to the code as it is,
// and what share of the others the tests killed.
package record

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The files, in the folder that Read is given.
const (
	EquivalentFile = "equivalent.txt"
	ScoreFile      = "score.txt"
)

// A Record is what the two files hold.
type Record struct {
	equivalent map[[2]string]string // package and key: why
	scores     map[string]int
}

// Read reads them. A line of the first is a package, a colon and the key of a mutant, and the
// indented lines below it say why nobody could tell the difference; one of the second is a
// package and a percentage.
func Read(dir string) (*Record, error) {
	r := &Record{equivalent: make(map[[2]string]string), scores: make(map[string]int)}
	var last [2]string
	err := lines(filepath.Join(dir, EquivalentFile), func(line string) error {
		if why, indented := strings.CutPrefix(line, "\t"); indented {
			if last[0] == "" {
				return fmt.Errorf("%q explains nothing", line)
			}
			r.equivalent[last] = strings.TrimSpace(r.equivalent[last] + " " + why)
			return nil
		}
		pkg, key, ok := strings.Cut(line, ": ")
		if !ok {
			return fmt.Errorf("%q is not a package, a colon and a mutant", line)
		}
		last = [2]string{pkg, key}
		r.equivalent[last] = ""
		return nil
	})
	if err != nil {
		return nil, err
	}
	for of, why := range r.equivalent {
		if why == "" {
			return nil, fmt.Errorf("%s: %s: %s has no reason", EquivalentFile, of[0], of[1])
		}
	}
	return r, lines(filepath.Join(dir, ScoreFile), func(line string) error {
		var pkg string
		var score int
		if _, err := fmt.Sscan(line, &pkg, &score); err != nil || score < 0 || score > 100 {
			return fmt.Errorf("%q is not a package and a percentage", line)
		}
		r.scores[pkg] = score
		return nil
	})
}

// lines calls do for each line that is neither empty nor a comment.
func lines(name string, do func(string) error) error {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	for s.Scan() {
		if line := s.Text(); strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "#") {
			if err := do(line); err != nil {
				return fmt.Errorf("%s: %w", filepath.Base(name), err)
			}
		}
	}
	return s.Err()
}

// Packages returns those that have a score.
func (r *Record) Packages() []string { return slices.Sorted(maps.Keys(r.scores)) }

// Score returns the recorded percentage of a package, 0 if there is none.
func (r *Record) Score(pkg string) int { return r.scores[pkg] }

// Equivalent reports whether a mutant is listed.
func (r *Record) Equivalent(pkg, key string) bool {
	_, listed := r.equivalent[[2]string{pkg, key}]
	return listed
}
