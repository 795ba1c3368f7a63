// Package report tells of a run of `go test -json` while it goes on: each package that is
// done, each failure in full, what takes long, and last which tests failed, with the first lines
// of each: whoever sees the end of a long output sees what is wrong.
//
// A Report may be used by any number of goroutines.
package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// Report says how one or more runs go.
type Report struct {
	mu       sync.Mutex
	out      io.Writer
	now      func() time.Time
	began    time.Time
	due      int // packages that have tests, 0 if it is not known
	done     int
	tests    int
	skipped  []string
	failed   int
	failures []failure
	running  []*pkg // in the order in which they began
	times    []took
}

// failure is a test, a package or a build that failed.
type failure struct {
	name string // the package and the test
	text string // all that is said of it
}

// How many lines of a failure are repeated at the end, and of how many failures.
const (
	again     = 15
	failures  = 10
	lineBytes = 300
)

// took is how long a package took, and how much processor time, if that is known.
type took struct {
	name string
	long time.Duration
	cpu  time.Duration
}

func (t took) String() string {
	if t.cpu == 0 {
		return t.name + " " + seconds(t.long)
	}
	return t.name + " " + seconds(t.long) + " (CPU " + seconds(t.cpu) + ")"
}

// slowest is how many packages are named at the end.
const slowest = 10

// New returns a Report that writes to out. Nil for now is time.Now.
func New(out io.Writer, now func() time.Time) *Report {
	if now == nil {
		now = time.Now
	}
	return &Report{out: out, now: now, began: now()}
}

// Expect adds to the number of packages that have tests.
func (r *Report) Expect(packages int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.due += packages
}

// Source is what is known of one `go test`. The zero value is good.
type Source struct {
	// Label tells its failures from those of another run of the same tests.
	Label string
	// Begun is called when a test begins, unless it is nil.
	Begun func()
	// CPU returns the processor time that the tests of a package have taken; 0 is not known,
	// and so is nil for CPU.
	CPU func(pkg string) time.Duration
}

// Read reads what one `go test -json` writes until its end. What is no event is written as
// it is.
func (r *Report) Read(from io.Reader, of Source) error {
	if of.Label != "" {
		of.Label = " (" + of.Label + ")"
	}
	run := run{report: r, Source: of, packages: map[string]*pkg{}, builds: map[string]string{}}
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			r.mu.Lock()
			var e event
			if json.Unmarshal(line, &e) != nil || e.Action == "" {
				_, _ = r.out.Write(line)
			} else {
				run.take(e)
			}
			r.mu.Unlock()
		}
		if err == io.EOF {
			r.mu.Lock()
			defer r.mu.Unlock()
			run.end()
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Progress writes one line: how many packages are done, and which are under way.
func (r *Report) Progress() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	var under []string
	for _, p := range r.running {
		under = append(under, p.short()+" "+seconds(now.Sub(p.began))+p.longest(now))
	}
	doing := "compiling"
	if len(under) > 0 {
		doing = "running " + strings.Join(under, ", ")
	}
	fmt.Fprintf(r.out, "... after %s: %s packages done, %d tests, %d failed; %s\n",
		seconds(now.Sub(r.began)), r.packages(), r.tests, r.failed, doing)
}

func (r *Report) packages() string {
	if r.due < r.done || r.due == 0 {
		return fmt.Sprint(r.done)
	}
	return fmt.Sprintf("%d of %d", r.done, r.due)
}

// End writes what was skipped, what took longest, the beginning of each failure, and the total.
func (r *Report) End() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, text := range r.skipped {
		fmt.Fprintln(r.out, text)
	}
	slices.SortStableFunc(r.times, func(a, b took) int { return int(b.long - a.long) })
	var longest []string
	for _, t := range r.times[:min(slowest, len(r.times))] {
		if t.long >= time.Second {
			longest = append(longest, t.String())
		}
	}
	if len(longest) > 0 {
		fmt.Fprintln(r.out, "Longest:", strings.Join(longest, ", "))
	}
	r.summary()
	fmt.Fprintf(r.out, "DONE %d tests in %d packages, %d skipped, %d failed, in %s\n",
		r.tests, r.done, len(r.skipped), r.failed, seconds(r.now().Sub(r.began)))
}

// Failed reports whether a test, a package or a build failed.
func (r *Report) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed > 0
}

// summary tells again what failed, in so few lines that the end of the output has all of it.
func (r *Report) summary() {
	if len(r.failures) == 0 {
		return
	}
	fmt.Fprintf(r.out, "\n=== What failed; all that was said of it is above\n")
	for _, f := range r.failures[:min(failures, len(r.failures))] {
		fmt.Fprintf(r.out, "\n%s\n", f.name)
		text := f.text
		if short := hang(text); short != "" {
			_, _ = io.WriteString(r.out, short)
			continue
		}
		for n := 0; text != ""; n++ {
			var line string
			line, text, _ = strings.Cut(text, "\n")
			if n == again {
				fmt.Fprintf(r.out, "[%d lines more]\n", 1+strings.Count(text, "\n"))
				break
			}
			if len(line) > lineBytes {
				line = line[:lineBytes] + " [...]"
			}
			fmt.Fprintln(r.out, line)
		}
	}
	fmt.Fprintln(r.out)
	for _, f := range r.failures {
		fmt.Fprintln(r.out, "FAILED", f.name)
	}
}

// fail tells of a failure now, and again at the end if it has a name.
func (r *Report) fail(name, text string) {
	r.failed++
	if name != "" {
		r.failures = append(r.failures, failure{name, text})
	}
	fmt.Fprint(r.out, text)
}

func seconds(d time.Duration) string { return d.Round(time.Second).String() }
