package study

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/advoware-go/advoware/benchmarks/study/report"
)

// outFlags say where a report goes, and in which forms.
type outFlags struct {
	Out    string   `placeholder:"DIR" help:"Folder for the report; it is made if need be. Default: study-<time> here."`
	Format []string `placeholder:"FORM" help:"Form of the report: html, json, csv; repeatable. Default: all. A table is printed in any case."`
}

// form is one of the forms of a report, as a file.
type form struct {
	format, file string
	write        func(*report.Study, io.Writer) error
}

var forms = []form{
	{"html", "report.html", (*report.Study).WriteHTML},
	{"json", "study.json", (*report.Study).WriteJSON},
	{"csv", "summary.csv", (*report.Study).WriteSummaryCSV},
	{"csv", "timeline.csv", (*report.Study).WriteTimelineCSV},
}

func (o *outFlags) check() error {
	for _, f := range o.Format {
		if !slices.ContainsFunc(forms, func(known form) bool { return known.format == f }) {
			return fmt.Errorf("there is no form %q of a report; there are html, json, csv", f)
		}
	}
	if o.Out == "" {
		return nil
	}
	if info, err := os.Stat(o.Out); err == nil && !info.IsDir() {
		return fmt.Errorf("--out %s is not a folder", o.Out)
	}
	return nil
}

// open makes the folder, if it is not there, and tries to write to it: what takes minutes
// to measure must not be lost for want of a place.
func (o *outFlags) open() (made bool, err error) {
	_, err = os.Stat(o.Out)
	made = errors.Is(err, os.ErrNotExist)
	if err := os.MkdirAll(o.Out, 0o777); err != nil {
		return false, fmt.Errorf("--out %s: %w", o.Out, err)
	}
	f, err := os.CreateTemp(o.Out, ".study-*")
	if err != nil {
		return made, fmt.Errorf("--out %s: %w", o.Out, err)
	}
	return made, errors.Join(f.Close(), os.Remove(f.Name()))
}

// write writes the files, to another folder if theirs has become unfit, and prints the
// table, and what is to be known when it is read.
func (o *outFlags) write(std *stdio, s *report.Study) error {
	written, err := o.files(s, o.Out)
	if err != nil {
		dir, spareErr := os.MkdirTemp("", "study-*")
		if spareErr == nil {
			written, spareErr = o.files(s, dir)
		}
		if err = errors.Join(err, spareErr); spareErr == nil {
			err = fmt.Errorf("%w; the report is in %s instead", err, dir)
		}
	}
	fmt.Fprintln(std.out)
	err = errors.Join(err, s.WriteTable(std.out))
	for _, warning := range s.Warnings() {
		fmt.Fprintln(std.err, "study: warning: "+warning)
	}
	if len(written) > 0 {
		fmt.Fprintln(std.out, "\nwritten: "+strings.Join(written, ", "))
	}
	return err
}

// files writes the files into a folder, and returns their names.
func (o *outFlags) files(s *report.Study, dir string) ([]string, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	var written []string
	for _, f := range forms {
		if len(o.Format) > 0 && !slices.Contains(o.Format, f.format) {
			continue
		}
		path := filepath.Join(dir, f.file)
		if err := writeFile(path, func(w io.Writer) error { return f.write(s, w) }); err != nil {
			return nil, err
		}
		written = append(written, path)
	}
	return written, nil
}

// writeFile writes a file that is there as a whole or not at all.
func writeFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	err = errors.Join(write(f), f.Chmod(0o644), f.Close())
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.Rename(f.Name(), path)
}

type renderCmd struct {
	JSON string `arg:"" help:"The study.json of a study."`

	outFlags
}

// Run writes the report again, by default beside the JSON.
func (c *renderCmd) Run(std *stdio) error {
	if err := c.outFlags.check(); err != nil {
		return usageError{err}
	}
	f, err := os.Open(c.JSON)
	if err != nil {
		return usageError{err}
	}
	defer f.Close()
	s, err := report.ReadJSON(f)
	if err != nil {
		return fmt.Errorf("%s: %w", c.JSON, err)
	}
	if c.Out == "" {
		c.Out = filepath.Dir(c.JSON)
	}
	if len(c.Format) == 0 {
		c.Format = []string{"html", "csv"}
	}
	if _, err := c.outFlags.open(); err != nil {
		return usageError{err}
	}
	return c.write(std, s)
}
