package main_test

import (
	"os/exec"
	"strings"
	"testing"
)

// The page of the command has all that the help has, and renders without a warning.
func TestMan(t *testing.T) {
	got := run(t, nil, "man")
	got.wantQuiet(t)
	for _, words := range []string{`.SS "advoware call"`, `.SS "advoware config"`, `\-\-env\-file=FILE`, `\-\-concurrency=C`, "ADVOWARE_TOKEN_SEAL_KEYS", "REDIS_URL"} {
		if !strings.Contains(got.out, words) {
			t.Errorf("no %q", words)
		}
	}
	for _, program := range [][]string{{"groff", "-man", "-ww", "-Tutf8"}, {"mandoc", "-Tlint", "-Wwarning"}} {
		path, err := exec.LookPath(program[0])
		if err != nil {
			t.Log("skipped: ", err)
			continue
		}
		cmd := exec.Command(path, program[1:]...)
		cmd.Stdin = strings.NewReader(got.out)
		var said strings.Builder
		cmd.Stderr = &said
		out, _ := cmd.Output()
		if program[0] == "mandoc" {
			said.Write(out)
		}
		for line := range strings.Lines(said.String()) {
			if !strings.Contains(line, "missing date") { // where the commit is not known
				t.Errorf("%s: %s", program[0], line)
			}
		}
	}
}
