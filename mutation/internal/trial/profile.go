package trial

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/advoware-go/advoware/mutation/internal/mutate"
)

// A Profile tells which tests run which lines, and how long each test takes. The quickest
// tests that run a changed line are tried first, and all others not at all.
type Profile struct {
	Tests  []Test
	Failed []string           // tests that fail on the code as it is, and so find nothing
	Blocks map[string][]block // by file: each block, run or not
}

// A Test is one of a package's tests, alone.
type Test struct {
	Name   string
	Took   time.Duration
	Blocks map[string][]block // those that it ran

	all map[string][]block // of the package
}

// Measure runs each test of the package alone. What it finds is kept in cache, until a file
// of the package changes.
func (s *Subject) Measure(ctx context.Context, cache string, jobs int) error {
	key, err := s.hash()
	if err != nil {
		return err
	}
	name := filepath.Join(cache, strings.NewReplacer("/", "_", ".", "_").Replace(s.Package)+"-"+key+".json")
	if text, err := os.ReadFile(name); err == nil {
		s.profile = new(Profile)
		if err := json.Unmarshal(text, s.profile); err != nil {
			return err
		}
		s.warn()
		return nil
	}
	if s.profile, err = s.measure(ctx, jobs); err != nil {
		return err
	}
	s.warn()
	text, err := json.Marshal(s.profile)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o644)
}

func (s *Subject) measure(ctx context.Context, jobs int) (*Profile, error) {
	exe := filepath.Join(s.Temp, "profile.test")
	if err := s.build(ctx, exe, nil, "-cover", "-coverpkg="+s.module, "-covermode=set"); err != nil {
		return nil, err
	}
	list := s.command(ctx, exe, "-test.list", "^(Test|Fuzz|Example|Benchmark.*NoAlloc)")
	list.Dir = s.dir()
	out, err := list.Output()
	if err != nil {
		return nil, err
	}
	names := strings.Fields(string(out))
	tests := make([]Test, len(names))
	failed := make([]error, len(names))
	turn := make(chan struct{}, jobs)
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			tests[i], failed[i] = s.measureTest(ctx, exe, name)
		})
	}
	all.Wait()
	p := &Profile{Blocks: make(map[string][]block)}
	for i, err := range failed {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			p.Failed = append(p.Failed, names[i])
		}
	}
	if len(names) == 0 || len(p.Failed) == len(names) {
		return p, errors.Join(failed...)
	}
	tests = slices.DeleteFunc(tests, func(t Test) bool { return t.Name == "" })
	slices.SortStableFunc(tests, func(a, b Test) int { return cmp.Compare(a.Took, b.Took) })
	p.Tests, p.Blocks = tests, tests[0].all
	return p, nil
}

// warn names the tests that are left out. Without them more mutants survive, never fewer.
func (s *Subject) warn() {
	for _, name := range s.profile.Failed {
		fmt.Fprintf(os.Stderr, "mutants: %s: %s fails on the code as it is, and is left out\n", s.Package, name)
	}
}

// block is where a block begins and ends: line, column, line, column.
type block [4]int

func (b block) has(line, column int) bool {
	after := b[0] < line || b[0] == line && b[1] <= column
	return after && (line < b[2] || line == b[2] && column < b[3])
}

// counted is a line of a coverage profile: file, first and last position, statements, count.
var counted = regexp.MustCompile(`(?m)^.*/([^/:]+):(\d+)\.(\d+),(\d+)\.(\d+) \d+ (\d+)$`)

func (s *Subject) measureTest(ctx context.Context, exe, name string) (Test, error) {
	to := filepath.Join(s.Temp, name+".cover")
	defer os.Remove(to)
	c := s.command(ctx, exe, append(only([]string{name}), "-test.coverprofile", to)...)
	c.Dir = s.dir()
	began := time.Now()
	if out, err := c.CombinedOutput(); err != nil {
		return Test{}, fmt.Errorf("%s fails on the code as it is: %w\n%s", name, err, out)
	}
	t := Test{Name: name, Took: time.Since(began), Blocks: make(map[string][]block), all: make(map[string][]block)}
	text, err := os.ReadFile(to)
	if err != nil {
		return t, err
	}
	for _, m := range counted.FindAllStringSubmatch(string(text), -1) {
		var b block
		for i := range b {
			fmt.Sscan(m[i+2], &b[i])
		}
		t.all[m[1]] = append(t.all[m[1]], b)
		if m[6] != "0" {
			t.Blocks[m[1]] = append(t.Blocks[m[1]], b)
		}
	}
	return t, nil
}

// covering returns the tests that run a mutant, the quickest first. What is outside of
// functions, and what is no Go, has part in all of them; what is in no block, the condition of a
// case, in those that run anything of its function.
func (p *Profile) covering(file string, m *mutate.Mutant) []Test {
	if filepath.Ext(file) != ".go" || m.Func == "" {
		return slices.Clone(p.Tests)
	}
	meets := func(b block) bool { return b.has(m.Line, m.Col) }
	if !slices.ContainsFunc(p.Blocks[file], meets) {
		meets = func(b block) bool { return b[0] <= m.Last && m.First <= b[2] }
	}
	var found []Test
	for _, t := range p.Tests {
		if slices.ContainsFunc(t.Blocks[file], meets) {
			found = append(found, t)
		}
	}
	return found
}

// hash is one of all files of the package and of its tests.
func (s *Subject) hash() (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, "4") // the form of a Profile
	files, err := filepath.Glob(filepath.Join(s.dir(), "*"))
	if err != nil {
		return "", err
	}
	for _, f := range files {
		if ext := filepath.Ext(f); ext != ".go" && ext != ".lua" {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n%s", filepath.Base(f), len(text), text)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}
