// Mutants changes the code of a package in small ways, one at a time, and tells which changes
// no test finds.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/advoware-go/advoware/mutation/internal/mutate"
	"github.com/advoware-go/advoware/mutation/internal/record"
	"github.com/advoware-go/advoware/mutation/internal/trial"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ok, err := run(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

func run(ctx context.Context) (ok bool, err error) {
	root := flag.String("root", ".", "the folder of go.mod")
	pkgs := flag.String("pkg", "", "packages, separated by commas; all that have a score if empty")
	seed := flag.String("seed", "1", "any text, from which the sample is drawn")
	n := flag.Int("n", 20, "how many mutants of each package are tried; 0: all")
	jobs := flag.Int("jobs", 2, "how many at a time")
	list := flag.Bool("list", false, "list them and try none")
	match := flag.String("match", "", "a regular expression: only mutants whose name it matches")
	draw := flag.Int("draw", 0, "how many of the packages, drawn from the seed, are tried; 0: all")
	limit := flag.Duration("for", 0, "after how long no more mutants are begun, 0: all are")
	out := flag.String("out", "", "a file to which results are added, as lines of JSON")
	cache := flag.String("cache", "", "where it is kept which test runs which line")
	flag.Parse()

	if *root, err = filepath.Abs(*root); err != nil {
		return false, err
	}
	if *cache == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return false, err
		}
		*cache = filepath.Join(base, "advoware-mutants")
	}
	known, err := record.Read(filepath.Join(*root, "mutation"))
	if err != nil {
		return false, err
	}
	only, err := regexp.Compile(*match)
	if err != nil {
		return false, err
	}
	packages := strings.Split(*pkgs, ",")
	if *pkgs == "" {
		packages = known.Packages()
	}
	random := rand.New(rand.NewPCG(number(*seed), 0))
	if *draw > 0 && *draw < len(packages) {
		random.Shuffle(len(packages), func(i, j int) { packages[i], packages[j] = packages[j], packages[i] })
		packages = packages[:*draw]
	}
	var results *os.File
	if *out != "" {
		if results, err = os.OpenFile(*out, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644); err != nil {
			return false, err
		}
		defer results.Close()
	}
	var end time.Time
	if *limit > 0 {
		end = time.Now().Add(*limit)
	}
	ok = true
	for _, p := range packages {
		t := &tally{known: known, pkg: p, out: results, end: end}
		if err := t.try(ctx, *root, *cache, only, number(*seed), *n, *jobs, *list); err != nil {
			return false, fmt.Errorf("%s: %w", p, err)
		}
		if !*list {
			ok = t.report() && ok
		}
	}
	return ok, nil
}

func number(seed string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(seed))
	return h.Sum64()
}

// try tries a sample of a package's mutants.
func (t *tally) try(ctx context.Context, root, cache string, only *regexp.Regexp, seed uint64, n, jobs int, list bool) error {
	temp, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	s := &trial.Subject{Package: t.pkg, Root: root, Temp: temp}
	files, err := s.Files(ctx)
	if err != nil {
		return err
	}
	var all []trial.Change
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		found, err := mutate.Find(path, text)
		if err != nil {
			return err
		}
		for _, m := range found {
			if only.MatchString(m.Key()) {
				all = append(all, trial.Change{Path: path, Mutant: m})
			}
		}
	}
	t.all = len(all)
	random := rand.New(rand.NewPCG(seed, 1))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	if list {
		for _, m := range all {
			fmt.Printf("%s:%d:%d\t%s\n", m.Path, m.Line, m.Col, m.Key())
		}
		return nil
	}
	if err := s.Measure(ctx, cache, jobs); err != nil {
		return err
	}
	return t.sample(ctx, s, all, n, jobs)
}

// sample tries mutants until n of them have compiled and are not known to be equivalent.
func (t *tally) sample(ctx context.Context, s *trial.Subject, all []trial.Change, n, jobs int) error {
	together, err := t.combine(ctx, s, all, n)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var mu sync.Mutex
	next := 0
	draw := func() (trial.Change, int, bool) {
		mu.Lock()
		defer mu.Unlock()
		for next < len(all) && (n == 0 || t.counted() < n) && ctx.Err() == nil && (t.end.IsZero() || time.Now().Before(t.end)) {
			next++
			if m := all[next-1]; !t.known.Equivalent(t.pkg, m.Key()) {
				t.running++
				return m, next, true
			}
			t.equivalent++
		}
		return trial.Change{}, 0, false
	}
	var workers sync.WaitGroup
	for range jobs {
		workers.Go(func() {
			for m, i, ok := draw(); ok; m, i, ok = draw() {
				r, err := s.Run(ctx, m, i, together...)
				mu.Lock()
				t.running--
				if err != nil {
					stop(err)
				} else {
					t.add(r)
				}
				mu.Unlock()
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// combine compiles the first of all mutants together: so many that n are tried if a few of them do
// not compile.
func (t *tally) combine(ctx context.Context, s *trial.Subject, all []trial.Change, n int) ([]*trial.Together, error) {
	if n == 0 {
		n = len(all)
	}
	changes := make(map[int]trial.Change)
	for i, m := range all {
		if len(changes) == n+n/4+1 {
			break
		}
		if !t.known.Equivalent(t.pkg, m.Key()) {
			changes[i+1] = m
		}
	}
	var together []*trial.Together
	for _, race := range []bool{false, true} {
		one, err := s.Combine(ctx, changes, race)
		if err != nil {
			return nil, err
		}
		together = append(together, one)
	}
	return together, nil
}

// write adds a result to the file of results.
func write(to *os.File, r trial.Result) error {
	if to == nil {
		return nil
	}
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = to.Write(append(line, '\n'))
	return err
}
