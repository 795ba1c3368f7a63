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

// write prints the table and writes the files.
func (o *outFlags) write(std *stdio, s *report.Study) error {
	dir := o.Out
	if dir == "" {
		dir = "study-" + s.Started.Local().Format("20060102-150405")
	}
	fmt.Fprintln(std.out)
	if err := s.WriteTable(std.out); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	var written []string
	for _, f := range forms {
		if len(o.Format) > 0 && !slices.Contains(o.Format, f.format) {
			continue
		}
		path := filepath.Join(dir, f.file)
		if err := writeFile(path, func(w io.Writer) error { return f.write(s, w) }); err != nil {
			return err
		}
		written = append(written, path)
	}
	_, err := fmt.Fprintln(std.out, "\nwritten: "+strings.Join(written, ", "))
	return err
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
	return c.write(std, s)
}
