package study

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/advoware-go/advoware/benchmarks/study/picture"
	"github.com/advoware-go/advoware/benchmarks/study/report"
	"github.com/advoware-go/advoware/benchmarks/study/wholefile"
)

// outFlags say where a report goes, and in which forms.
type outFlags struct {
	Out    text  `placeholder:"DIR" help:"Folder for the report; it is made if need be. Default: study-<time> here."`
	Format names `placeholder:"FORM" help:"Form of the report: html, json, csv, svg, hgrm; repeatable. Default: all. A table is printed in any case."`
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
	{"svg", "curves-light.svg", func(s *report.Study, w io.Writer) error { return picture.Write(w, s, report.Light) }},
	{"svg", "curves-dark.svg", func(s *report.Study, w io.Writer) error { return picture.Write(w, s, report.Dark) }},
}

var formats = []string{"html", "json", "csv", "svg", "hgrm"}

// check reports everything that is wrong with them in one error.
func (o *outFlags) check() error {
	return errors.Join(o.checkOut(), unknown("form", o.Format, formats))
}

func (o *outFlags) checkOut() error {
	if o.Out == "" {
		return nil
	}
	if ext := strings.ToLower(strings.TrimPrefix(filepath.Ext(o.dir()), ".")); slices.Contains(formats, ext) {
		return fmt.Errorf("--out %s looks like a file, but it names the folder for the files of the report (--format %s writes only that form)", o.Out, ext)
	}
	if info, err := os.Stat(o.dir()); err == nil && !info.IsDir() {
		return fmt.Errorf("--out %s is not a folder", o.Out)
	}
	return nil
}

func (o *outFlags) dir() string { return string(o.Out) }

// open makes the folder, if it is not there, and tries to write to it: what takes minutes
// to measure must not be lost for want of a place.
func (o *outFlags) open() (made bool, err error) {
	_, err = os.Stat(o.dir())
	made = errors.Is(err, os.ErrNotExist)
	if err := os.MkdirAll(o.dir(), 0o777); err != nil {
		return false, fmt.Errorf("--out %s: %w", o.Out, err)
	}
	f, err := os.CreateTemp(o.dir(), ".study-*")
	if err != nil {
		return made, fmt.Errorf("--out %s: %w", o.Out, err)
	}
	return made, errors.Join(f.Close(), os.Remove(f.Name()))
}

// write writes the files, to another folder if theirs cannot be written to any more, and prints the
// table, and what is to be known when it is read.
func (o *outFlags) write(std *stdio, s *report.Study) error {
	written, err := o.files(s, o.dir())
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
		fmt.Fprintln(std.out, "\nwritten:\n  "+strings.Join(written, "\n  "))
	}
	return err
}

// files writes the files into a folder, and returns their names, which are absolute: go
// -C runs the program in another folder than that of whoever reads them.
func (o *outFlags) files(s *report.Study, dir string) ([]string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	all := forms
	for _, f := range s.HgrmFiles() {
		all = append(slices.Clip(all), form{"hgrm", f.Name, func(_ *report.Study, w io.Writer) error { return f.Write(w) }})
	}
	var written []string
	for _, f := range all {
		if len(o.Format) > 0 && !slices.Contains(o.Format, f.format) {
			continue
		}
		path := filepath.Join(dir, f.file)
		if err := wholefile.Write(path, func(w io.Writer) error { return f.write(s, w) }); err != nil {
			return nil, err
		}
		written = append(written, path)
	}
	return written, nil
}

type renderCmd struct {
	JSON text `arg:"" optional:"" help:"The study.json of a study."`

	outFlags
}

// Run writes the report again, by default beside the JSON.
func (c *renderCmd) Run(std *stdio) error {
	if err := c.outFlags.check(); err != nil {
		return usageError{err}
	}
	if c.JSON == "" {
		return usageError{errors.New("render needs the JSON of a study, as in: study render study-20261123-173000/study.json")}
	}
	if _, err := os.Stat(string(c.JSON)); err != nil {
		return usageError{err}
	}
	s, err := readStudy(string(c.JSON))
	if err != nil {
		return err
	}
	if c.Out == "" {
		c.Out = text(filepath.Dir(string(c.JSON)))
	}
	if len(c.Format) == 0 {
		c.Format = []string{"html", "csv", "svg", "hgrm"}
	}
	if _, err := c.outFlags.open(); err != nil {
		return usageError{err}
	}
	return c.write(std, s)
}
