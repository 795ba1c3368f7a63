// Package nethttp runs net/http's own tests with a client.Transport between them and what they
// test: with a token, and with a 401 before each request. A test that passes there and
// fails here is a fault, or stands in testdata/*.txt with its reason.
//
// Nothing of net/http is copied. Its external tests are built as a package of a module in a
// temporary folder, from where they are in GOROOT, by an overlay. The overlay puts what they
// need of net/http's internal tests into net/http too, and a function that each request goes
// through (testdata/between.go).
//
// `go test` runs the short form: net/http's -short, with refusals. `make suites` runs all of
// it, one after another, so that net/http looks for goroutines that are left over after each.
package nethttp_test

import (
	"cmp"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var long = flag.Bool("long", false, "run all of net/http's tests, also without a client.Transport, and count")

func TestOfNetHTTPThroughTransport(t *testing.T) { through(t, "", 900) }

// ReverseProxy sends by a Transport, and is asked through one.
func TestOfReverseProxyThroughTransport(t *testing.T) { through(t, "httputil", 45) }

// through runs the tests of net/http, or of a package below it, of which at least so many
// pass, each one of a table counted.
func through(t *testing.T, below string, fewest int) {
	t.Helper()
	known := readDiffers(t, cmp.Or(below, "http"))
	s := build(t, below)
	if *long {
		plain := s.run(t, "", known)
		t.Logf("without a client.Transport: %d pass, %d fail", plain.count("PASS"), plain.count("FAIL"))
		tested(t, s, "Token", fewest, known)
	}
	tested(t, s, "Refused", fewest, known)
}

func tested(t *testing.T, s suite, form string, fewest int, known differs) {
	t.Helper()
	got := s.run(t, form, known)
	t.Logf("%s: %d pass, %d fail, %d are skipped", form, got.count("PASS"), got.count("FAIL"), got.count("SKIP"))
	if n := got.count("PASS"); n < fewest {
		t.Errorf("%s: only %d tests pass: has it come to an end?", form, n)
	}
	for name := range got.failed() {
		if reason := known.reason(name); reason != "" {
			continue
		}
		// Some of them are not sure to pass on a busy machine.
		top, _, _ := strings.Cut(name, "/")
		only := "^" + top + "$"
		again := s.run(t, form, known, "-test.run="+only)
		if again[name] != "FAIL" {
			t.Logf("%s: %s failed, and passes alone", form, name)
			continue
		}
		if s.run(t, "", known, "-test.run="+only)[name] == "FAIL" {
			t.Logf("%s: %s fails without a client.Transport too", form, name)
			continue
		}
		t.Errorf("%s: %s fails:\n%s", form, name, s.output(t, form, known, "-test.v", "-test.run="+only))
	}
	for _, name := range known.names(*long) {
		if got[name] != "FAIL" {
			t.Errorf("%s: %s is in testdata and does not fail (%s): take it out", form, name, got[name])
		}
	}
}

// results has the outcome of each test by its name: PASS, FAIL or SKIP.
type results map[string]string

var outcome = regexp.MustCompile(`(?m)^ *--- (PASS|FAIL|SKIP): (\S+) \(`)

func (r results) count(what string) (n int) {
	for name, got := range r {
		if got == what && !r.hasParts(name) {
			n++
		}
	}
	return n
}

func (r results) hasParts(name string) bool {
	for other := range r {
		if strings.HasPrefix(other, name+"/") {
			return true
		}
	}
	return false
}

// failed returns the tests that failed, without those of which a part failed.
func (r results) failed() map[string]bool {
	failed := make(map[string]bool)
	for name, got := range r {
		if got == "FAIL" {
			failed[name] = true
		}
	}
	for name := range maps.Clone(failed) {
		for at := strings.LastIndexByte(name, '/'); at > 0; at = strings.LastIndexByte(name[:at], '/') {
			delete(failed, name[:at])
		}
	}
	return failed
}

// differs has the reasons why tests fail with a client.Transport, by their names.
type differs struct {
	reasons map[string]string
	long    map[string]bool // those that -short skips
	skip    []string        // those that would not end
}

func readDiffers(t *testing.T, name string) differs {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	d := differs{reasons: make(map[string]string), long: make(map[string]bool)}
	reason := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		after, isReason := strings.CutPrefix(line, "# ")
		pattern, isSkip := strings.CutPrefix(line, "skip: ")
		name, isLong := strings.CutPrefix(line, "long: ")
		switch {
		case line == "":
		case isReason:
			reason = after
		case isSkip:
			d.skip = append(d.skip, "^"+strings.ReplaceAll(pattern, "/", "$/^")+"$")
		default:
			d.reasons[name], d.long[name] = reason, isLong
		}
	}
	return d
}

func (d differs) names(long bool) []string {
	names := slices.Sorted(maps.Keys(d.reasons))
	return slices.DeleteFunc(names, func(name string) bool { return d.long[name] && !long })
}

// reason returns why a test, or all of which it is a part, fails; "" if it should not.
func (d differs) reason(name string) string {
	for {
		if reason := d.reasons[name]; reason != "" {
			return reason
		}
		at := strings.LastIndexByte(name, '/')
		if at < 0 {
			return ""
		}
		name = name[:at]
	}
}
