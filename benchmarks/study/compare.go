package study

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/advoware-go/advoware/benchmarks/study/compare"
	"github.com/advoware-go/advoware/benchmarks/study/report"
	"github.com/advoware-go/advoware/benchmarks/study/wholefile"
)

// compareCmd are the flags of a comparison.
type compareCmd struct {
	A names `arg:"" help:"The studies of the first version: study.json files or the folders that have them, with commas between the rounds."`
	B names `arg:"" help:"Those of the second one."`

	Bound   float64       `placeholder:"1.1" help:"Fail, with exit status 1, if the second version is for sure more than so many times as slow anywhere. Needs four rounds of each."`
	Picture text          `placeholder:"FILE" help:"Draw the ratios as an SVG."`
	Scheme  report.Scheme `enum:"light,dark" default:"light" help:"Colours of the picture: light or dark."`
}

// leastRounds is with how many of each version anything can be said for sure.
const leastRounds = 4

// Run compares, and prints a table.
func (c *compareCmd) Run(std *stdio) error {
	if c.Bound != 0 && !(c.Bound >= 1 && c.Bound < 1e6) {
		return usageError{fmt.Errorf("--bound is %v; it must be at least 1", c.Bound)}
	}
	a, errA := readStudies(c.A)
	b, errB := readStudies(c.B)
	if err := errors.Join(errA, errB); err != nil {
		return usageError{err}
	}
	if c.Bound != 0 && min(len(a), len(b)) < leastRounds {
		return usageError{fmt.Errorf("--bound needs %d rounds of each version to be sure; there are %d and %d", leastRounds, len(a), len(b))}
	}
	found, err := compare.Studies(a, b)
	if err != nil {
		return usageError{err}
	}
	if err := found.WriteTable(std.out); err != nil {
		return err
	}
	if c.Picture != "" {
		if err := wholefile.Write(string(c.Picture), func(w io.Writer) error { return found.WritePicture(w, c.Scheme, c.Bound) }); err != nil {
			return err
		}
	}
	var beyond []error
	for _, r := range found.Rows {
		if c.Bound != 0 && r.Beyond(c.Bound) {
			beyond = append(beyond, fmt.Errorf("%s with %s: %s is at least %.3g times as slow, beyond %g", r.Scenario, r.Store, r.Figure, r.Low, c.Bound))
		}
	}
	return errors.Join(beyond...)
}

// readStudies reads one version.
func readStudies(paths []string) (all []*report.Study, err error) {
	var problems []error
	for _, path := range paths {
		s, err := readStudy(path)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		all = append(all, s)
	}
	return all, errors.Join(problems...)
}

func readStudy(path string) (*report.Study, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "study.json")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s, err := report.ReadJSON(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}
