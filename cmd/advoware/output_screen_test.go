//go:build linux

package main_test

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// figures are what differs from run to run: times, rates, lengths, fingerprints.
var figures = regexp.MustCompile(`\w{3}, \d\d \w{3} \d{4} [\d:]+ GMT|\d{4}-\d\d-\d\dT[\d:]+Z|\b[0-9a-f]{8}\b|\d+(\.\d+)?(µs|ms|s)?`)

// general replaces figures, and the number of those that a duration is written with.
func general(text string) string { return strings.TrimRight(figures.ReplaceAllString(text, "N"), " ") }

// The screens in docs/command.md are those that the command shows.
func TestScreensOfTheDocuments(t *testing.T) {
	text, err := os.ReadFile("../../docs/command.md")
	if err != nil {
		t.Fatal(err)
	}
	screens := regexp.MustCompile("(?s)```text\n\\$ advoware ([^\n]*)\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(screens) < 6 {
		t.Fatalf("%d screens", len(screens))
	}
	for _, m := range screens {
		line, want := m[1], strings.Split(strings.TrimSuffix(m[2], "\n"), "\n")
		t.Run(line, func(t *testing.T) {
			line, piped := strings.CutSuffix(line, " | cat")
			line, file := strings.CutSuffix(line, " > employees.json")
			args := strings.Fields(line)
			var out bytes.Buffer
			var got string
			if piped {
				got = run(t, nil, args...).out
			} else {
				s := onTerminal(t, 120, []string{"NO_COLOR=1"}, func(c *exec.Cmd, tty *os.File) {
					c.Dir, c.Stdout, c.Stderr = t.TempDir(), tty, tty
					if file {
						c.Stdout = &out
					}
				}, args...)
				if status := s.wait(); status != 0 {
					t.Errorf("status %d", status)
				}
				got = s.String()
			}
			shown := strings.FieldsFunc(got, func(r rune) bool { return r == '\r' })
			var lines []string
			seen := make(map[string]bool)
			for _, part := range shown { // a line of progress is written over
				for _, l := range strings.Split(strings.TrimSuffix(part, "\n"), "\n") {
					if g := general(l); !strings.Contains(g, "N of N calls") {
						lines = append(lines, g)
					} else {
						seen[g] = true
					}
				}
			}
			var expected []string
			for _, l := range want {
				if g := general(l); strings.Contains(g, "N of N calls") {
					if len(seen) == 0 {
						t.Errorf("no line of progress in %q", got)
					}
				} else {
					expected = append(expected, g)
				}
			}
			drop := func(all []string) (kept []string) {
				for _, l := range all {
					if l != "" {
						kept = append(kept, l)
					}
				}
				return kept
			}
			if diff := cmp.Diff(drop(expected), drop(lines)); diff != "" {
				t.Errorf("-document +shown:\n%s", diff)
			}
		})
	}
}
