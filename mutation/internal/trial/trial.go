package trial

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/advoware-go/advoware/mutation/internal/mutate"
)

// What became of a mutant.
const (
	Killed   = "killed"   // a test failed
	Stuck    = "stuck"    // the tests did not end: that is seen, too
	Invalid  = "invalid"  // it does not compile
	Survived = "survived" // no test failed
	Unrun    = "unrun"    // no test runs it: survived as well
)

// A Result is what became of a mutant.
type Result struct {
	Package string
	Key     string
	At      string // file:line:column, for those who look it up
	Outcome string
	By      string  `json:",omitempty"` // the tests that failed
	Seconds float64 // building included
}

const (
	// quick and slow are how long the tests of the first and of the second part take: most
	// mutants are killed by the first.
	quick = 2 * time.Second
	slow  = 15 * time.Second
	// grace is how many times longer than it took tests may take, on a busy machine, and
	// startup is what they may take besides.
	grace   = 5
	startup = 15 * time.Second
)

// Run tries one mutant, in one of the programs that have it or else alone, with temporary files
// that are named after its number.
func (s *Subject) Run(ctx context.Context, c Change, number int, in ...*Together) (Result, error) {
	began := time.Now()
	r := Result{Package: s.Package, Key: c.Key(), At: filepath.Base(c.Path) + position(c.Mutant)}
	var err error
	r.Outcome, r.By, err = s.try(ctx, c.Path, c.Mutant, number, in)
	r.Seconds = time.Since(began).Round(time.Second / 10).Seconds()
	return r, err
}

func (s *Subject) try(ctx context.Context, path string, m *mutate.Mutant, number int, in []*Together) (outcome, by string, err error) {
	tests := s.profile.covering(filepath.Base(path), m)
	if m.Race { // under which a sync.Pool forgets
		tests = slices.DeleteFunc(tests, func(t Test) bool { return strings.HasPrefix(t.Name, "Benchmark") })
	}
	if len(tests) == 0 {
		return Unrun, "", nil
	}
	for _, t := range in {
		if outcome, by, ok, err := t.outcome(ctx, number, tests); ok || err != nil {
			return outcome, by, err
		}
	}
	source, err := os.ReadFile(path)
	if err != nil {
		return "", "", err
	}
	id := fmt.Sprintf("m%d", number)
	changed := filepath.Join(s.Temp, id+filepath.Ext(path))
	if err := os.WriteFile(changed, m.Apply(source), 0o600); err != nil {
		return "", "", err
	}
	exe := filepath.Join(s.Temp, id+".test")
	defer func() {
		for _, f := range []string{changed, exe, exe + ".overlay.json"} {
			os.Remove(f)
		}
	}()
	flags := []string{"-ldflags=-s -w"}
	if m.Race {
		flags = append(flags, "-race")
	}
	if err := s.build(ctx, exe, map[string]string{path: changed}, flags...); err != nil {
		if !strings.Contains(err.Error(), filepath.Base(changed)) && !strings.Contains(err.Error(), filepath.Base(path)) {
			return "", "", fmt.Errorf("nothing is wrong with the change, and yet it does not compile: %w", err)
		}
		return Invalid, firstLine(err), ctx.Err()
	}
	return s.testAll(ctx, exe, tests, 0)
}

// testAll tries tests, the quickest first. number is that of the mutant of a Together.
func (s *Subject) testAll(ctx context.Context, exe string, tests []Test, number int) (outcome, by string, err error) {
	for _, part := range parts(tests) {
		if outcome, by, err = s.test(ctx, exe, part, number); outcome != Survived || err != nil {
			return outcome, by, err
		}
	}
	return Survived, "", nil
}

// parts divides tests, the quickest of which come first.
func parts(tests []Test) [][]Test {
	var all [][]Test
	var sum time.Duration
	limit := quick
	from := 0
	for i, t := range tests {
		if sum += t.Took; sum > limit && i > from && len(all) < 2 {
			all, from, sum, limit = append(all, tests[from:i]), i, t.Took, slow
		}
	}
	return append(all, tests[from:])
}

var failed = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)

// only returns the flags that run these tests, and those that are benchmarks: some check that
// nothing is allocated.
func only(names []string) []string {
	var tests, benchmarks []string
	for _, n := range names {
		if strings.HasPrefix(n, "Benchmark") {
			benchmarks = append(benchmarks, n)
		} else {
			tests = append(tests, n)
		}
	}
	flags := []string{"-test.run", "^(" + strings.Join(tests, "|") + ")$"}
	if len(benchmarks) > 0 {
		flags = append(flags, "-test.bench", "^("+strings.Join(benchmarks, "|")+")$", "-test.benchtime", "1x")
	}
	return flags
}

func (s *Subject) test(ctx context.Context, exe string, tests []Test, number int) (outcome, by string, err error) {
	names := make([]string, len(tests))
	limit := startup
	for i, t := range tests {
		names[i] = t.Name
		limit += grace * t.Took
	}
	run, stop := context.WithTimeout(ctx, limit+startup)
	defer stop()
	c := s.command(run, exe, append(only(names), "-test.failfast", "-test.timeout", limit.String())...)
	c.Dir = s.dir()
	c.Env = append(os.Environ(), fmt.Sprintf("%s=%d", mutate.Switch, number))
	c.WaitDelay = time.Second // for children that a test left
	out, err := c.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return "", "", ctx.Err()
	case err == nil:
		return Survived, "", nil
	case run.Err() != nil || strings.Contains(string(out), "panic: test timed out"):
		return Stuck, "", nil
	}
	if exit := new(exec.ExitError); !errors.As(err, &exit) {
		return "", "", err
	}
	for _, m := range failed.FindAllStringSubmatch(string(out), -1) {
		by += " " + m[1]
	}
	if by == "" {
		by = " " + firstLine(errors.New(string(out)))
	}
	return Killed, by[1:], nil
}
