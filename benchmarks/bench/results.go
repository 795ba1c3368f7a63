package bench

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// results are what benchmarks reported, in the order in which they ran.
type results struct {
	all    []*benchfmt.Result
	series map[string][]float64 // by name and unit, a value for each round
	ops    map[string]int       // operations of all rounds, by name
	header map[string]string    // what a run says of itself; see comments
	parts  []string             // "10 rounds of 60ms each", once for each kind
}

// comments are the lines that benchstat must not take for keys, because it would not
// compare runs in which they differ.
var comments = regexp.MustCompile(`(?m)^# ((?:commit|redis|kernel|incomplete): )`)

var roundsLine = regexp.MustCompile(`(?m)^# (\d+ rounds of \S+) each$`)

// read adds a file of results. Lines that are no results are reported to warn and left
// out. Results of different commits are an error: the ratio of two commits is no figure
// of either.
func (r *results) read(name string, text []byte, warn io.Writer) error {
	if r.series == nil {
		r.series, r.ops, r.header = make(map[string][]float64), make(map[string]int), make(map[string]string)
	}
	for _, m := range roundsLine.FindAllSubmatch(text, -1) {
		if rounds := string(m[1]); !slices.Contains(r.parts, rounds) {
			r.parts = append(r.parts, rounds)
		}
	}
	if err := r.readHeader(text); err != nil {
		return err
	}
	for reader := benchfmt.NewReader(bytes.NewReader(text), name); ; {
		if !reader.Scan() {
			return reader.Err()
		}
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			fmt.Fprintln(warn, record)
		case *benchfmt.Result:
			r.add(record.Clone())
		}
	}
}

func (r *results) readHeader(text []byte) error {
	lines := bytes.Lines(comments.ReplaceAll(text, []byte("$1")))
	for line := range lines {
		key, value, ok := strings.Cut(strings.TrimSpace(string(line)), ": ")
		if !ok {
			continue
		}
		switch key {
		case "commit":
			if before := r.header[key]; before != "" && before != value {
				return usageError{fmt.Errorf("the results are of different commits, %s and %s: measure both again", before, value)}
			}
			r.header[key] = value
		case "go", "gomaxprocs", "redis", "kernel", "goos", "goarch", "cpu", "incomplete":
			r.header[key] = value
		}
	}
	return nil
}

func (r *results) add(result *benchfmt.Result) {
	r.all = append(r.all, result)
	base, parts := result.Name.Parts()
	name := string(base)
	for _, part := range parts {
		if part[0] == '/' { // not GOMAXPROCS
			name += string(part)
		}
	}
	r.ops[name] += result.Iters
	for _, v := range result.Values {
		if v.OrigUnit != "" { // the unit that was reported: goals are in ns, not s
			v.Value, v.Unit = v.OrigValue, v.OrigUnit
		}
		r.series[name+" "+v.Unit] = append(r.series[name+" "+v.Unit], v.Value)
	}
}

// machine says in one line where and how was measured.
func (r *results) machine() string {
	h := r.header
	var words []string
	add := func(format string, key string) {
		if h[key] != "" {
			words = append(words, fmt.Sprintf(format, h[key]))
		}
	}
	if h["goos"] != "" {
		words = append(words, h["goos"]+"/"+h["goarch"])
	}
	add("%s", "cpu")
	add("%s cores", "gomaxprocs")
	add("%s", "go")
	if _, version, ok := strings.Cut(h["redis"], " v="); ok {
		version, _, _ = strings.Cut(version, " ")
		words = append(words, "Redis "+version)
	}
	add("%s", "kernel")
	add("commit %s", "commit")
	words = append(words, r.parts...)
	add("INCOMPLETE: %s", "incomplete")
	return strings.Join(words, ", ")
}

// readFiles reads all files, or in if there are none.
func readFiles(std *stdio, files []string) (*results, error) {
	r := new(results)
	if len(files) == 0 {
		text, err := io.ReadAll(std.in)
		if err != nil {
			return nil, err
		}
		return r, r.read("standard input", text, std.err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, usageError{err}
		}
		if err := r.read(file, text, std.err); err != nil {
			return nil, err
		}
	}
	return r, nil
}
