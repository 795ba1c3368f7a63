//go:build !race

package docs_test

import (
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// onTerminal runs a line of a shell on a terminal, and prints what a person would see.
const onTerminal = `import os, pty, sys
status = pty.spawn(["bash", "-e", "-o", "pipefail", "-c", sys.argv[1]], lambda fd: os.read(fd, 1024), lambda fd: b"")
sys.exit(os.waitstatus_to_exitcode(status))`

// TestScreens runs what is shown as a screen: a block in text that begins with a prompt. Each
// line must come, in that order, but for times, sizes of them and fingerprints.
func TestScreens(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the screens are those of a Unix terminal")
	}
	n := 0
	for _, f := range fences(t, "text") {
		command, screen, _ := strings.Cut(f.text, "\n")
		command, isScreen := strings.CutPrefix(command, "$ ")
		if !isScreen {
			continue
		}
		n++
		t.Run(strings.ReplaceAll(f.String(), "/", "_"), func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), python(t, "pty"), "-c", onTerminal, command)
			cmd.Dir, cmd.Env = t.TempDir(), append(office(t), "TERM=xterm", "NO_COLOR=1", "COLUMNS=120")
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%s: %v\n%s", f, err, out)
			}
			seen := masked(string(out))
			for _, want := range masked(screen) {
				i := slices.Index(seen, want)
				if i < 0 {
					t.Fatalf("%s: %q does not come, or not in this order, in\n%s", f, want, out)
				}
				seen = seen[i+1:]
			}
		})
	}
	if n < 5 {
		t.Errorf("only %d screens", n)
	}
}

var (
	escape      = regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]`)
	fingerprint = regexp.MustCompile(`\b[0-9a-f]{8}\b`)
	date        = regexp.MustCompile(`[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d{4}`)
	figure      = regexp.MustCompile(`\d+(\.\d+)?(ns|µs|ms|m\d+s|s\b)?`)
	progress    = regexp.MustCompile(`^N of N calls, `) // written if the calls take long
)

// masked returns the lines of a screen that are the same each time, with what differs masked.
func masked(screen string) []string {
	screen = escape.ReplaceAllString(screen, "")
	screen = figure.ReplaceAllString(date.ReplaceAllString(fingerprint.ReplaceAllString(screen, "F"), "D"), "N")
	lines := strings.FieldsFunc(screen, func(r rune) bool { return r == '\n' || r == '\r' })
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" || progress.MatchString(line) })
}
