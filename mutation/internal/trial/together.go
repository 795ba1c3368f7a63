package trial

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/advoware-go/advoware/mutation/internal/mutate"
)

// Together are mutants of a Subject that were compiled into one program of tests, of which one
// is on at a time.
type Together struct {
	s       *Subject
	exe     string
	invalid map[int]string // what the compiler said, by number
	taken   map[int]bool

	mu      sync.Mutex
	checked map[string]bool // tests that were tried without a mutant, and whether they passed
}

// A Change is a mutant of a file.
type Change struct {
	Path string
	*mutate.Mutant
}

// Combine compiles those of changes, which are numbered from 1, that can be compiled together.
// Those that only the race detector may see are another program, and so not taken with others.
func (s *Subject) Combine(ctx context.Context, changes map[int]Change, race bool) (*Together, error) {
	t := &Together{s: s, exe: filepath.Join(s.Temp, fmt.Sprintf("together%t.test", race)), invalid: make(map[int]string), checked: make(map[string]bool)}
	byPath := make(map[string]map[int]*mutate.Mutant)
	for n, c := range changes {
		if c.Race == race && filepath.Ext(c.Path) == ".go" && c.Func != "" {
			if byPath[c.Path] == nil {
				byPath[c.Path] = make(map[int]*mutate.Mutant)
			}
			byPath[c.Path][n] = c.Mutant
		}
	}
	if len(byPath) == 0 {
		return t, nil
	}
	flags := []string{"-ldflags=-s -w", "-gcflags=-e"} // all errors at once
	if race {
		flags = append(flags, "-race")
	}
	for {
		combined, err := t.write(byPath)
		if err != nil {
			return nil, err
		}
		overlay := make(map[string]string)
		for path := range byPath {
			overlay[path] = t.changed(path)
		}
		overlay[filepath.Join(s.dir(), "zz_mutant_switch.go")] = t.changed("switch.go")
		err = s.build(ctx, t.exe, overlay, flags...)
		if err == nil {
			t.taken = make(map[int]bool)
			for n := range changes {
				t.taken[n] = slices.ContainsFunc(slices.Collect(maps.Values(combined)), func(c *mutate.Combined) bool { return c.Takes(n) })
			}
			return t, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		before := len(t.invalid)
		for _, m := range said.FindAllStringSubmatch(err.Error(), -1) {
			for path, c := range combined {
				line, _ := strconv.Atoi(m[2])
				if n := c.At(line); n != 0 && (m[1] == filepath.Base(path) || m[1] == filepath.Base(t.changed(path))) {
					t.invalid[n] = m[3]
					delete(byPath[path], n)
				}
			}
		}
		if len(t.invalid) == before {
			return nil, fmt.Errorf("nothing is wrong with the changes, and yet they do not compile: %w", err)
		}
	}
}

// said is a line of the compiler: file, line, what is wrong.
var said = regexp.MustCompile(`(?m)([^/\s:]+\.go):(\d+):\d+: (.*)$`)

func (t *Together) changed(path string) string {
	return t.exe + "." + filepath.Base(path)
}

func (t *Together) write(byPath map[string]map[int]*mutate.Mutant) (map[string]*mutate.Combined, error) {
	all := make(map[string]*mutate.Combined)
	for path, mutants := range byPath {
		source, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		c, err := mutate.Combine(path, source, mutants)
		if err != nil {
			return nil, err
		}
		all[path] = c
		if err := os.WriteFile(t.changed(path), c.Text, 0o600); err != nil {
			return nil, err
		}
		if err := os.WriteFile(t.changed("switch.go"), mutate.SwitchFile(c.Package), 0o600); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// outcome tries mutant number with tests. ok is false if it was not taken.
func (t *Together) outcome(ctx context.Context, number int, tests []Test) (outcome, by string, ok bool, err error) {
	if why, invalid := t.invalid[number]; invalid {
		return Invalid, why, true, nil
	}
	if !t.taken[number] {
		return "", "", false, nil
	}
	for {
		outcome, by, err = t.s.testAll(ctx, t.exe, tests, number)
		if outcome != Killed || err != nil {
			return outcome, by, true, err
		}
		name, _, _ := strings.Cut(strings.Fields(by)[0], "/")
		at := slices.IndexFunc(tests, func(one Test) bool { return one.Name == name })
		if at < 0 { // it did not end by a test
			return outcome, by, true, nil
		}
		passes, err := t.passes(ctx, tests[at])
		if passes || err != nil {
			return outcome, by, true, err
		}
		tests = slices.Delete(slices.Clone(tests), at, at+1)
		if len(tests) == 0 {
			return Survived, "", true, nil
		}
	}
}

// passes reports whether a test passes without a mutant: what was compiled together is a little
// slower, and allocates where a function was inlined before.
func (t *Together) passes(ctx context.Context, one Test) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if passes, known := t.checked[one.Name]; known {
		return passes, nil
	}
	outcome, _, err := t.s.test(ctx, t.exe, []Test{one}, 0)
	if err == nil {
		t.checked[one.Name] = outcome == Survived
	}
	return outcome == Survived, err
}
