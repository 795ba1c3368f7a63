//go:build !race

package docs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// requirePython turns the skip without a Python into a failure, if it is set to 1.
const requirePython = "ADVOWARE_REQUIRE_PYTHON"

// python returns a Python that has a module, or skips the test.
func python(t *testing.T, module string) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err == nil {
		err = exec.CommandContext(t.Context(), path, "-c", "import "+module).Run()
	}
	if err != nil && os.Getenv(requirePython) == "1" && module != "yaml" {
		t.Fatalf("no python3 with %s, and %s=1 demands one", module, requirePython)
	}
	if err != nil {
		t.Skipf("no python3 with %s: blocks are not looked at", module)
	}
	return path
}

// TestPythonBlocks runs them.
func TestPythonBlocks(t *testing.T) {
	for _, f := range fences(t, "python") {
		t.Run(strings.ReplaceAll(f.String(), "/", "_"), func(t *testing.T) {
			t.Parallel()
			mustRun(t, f, t.TempDir(), office(t), python(t, "hmac"), "-c", f.text)
		})
	}
}

// TestDataBlocks parses what is in a language of data.
func TestDataBlocks(t *testing.T) {
	for _, f := range fences(t, "json", "ini") {
		parse := parseJSON
		if f.lang == "ini" {
			parse = parseINI
		}
		if err := parse(f.text); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
	for _, f := range fences(t, "yaml") {
		t.Run(strings.ReplaceAll(f.String(), "/", "_"), func(t *testing.T) {
			mustRun(t, f, t.TempDir(), os.Environ(), python(t, "yaml"), "-c", "import sys, yaml; list(yaml.safe_load_all(sys.argv[1]))", f.text)
		})
	}
}

// parseJSON takes one value, or one a line.
func parseJSON(text string) error {
	d, n := json.NewDecoder(strings.NewReader(text)), 0
	for ; ; n++ {
		var v any
		if err := d.Decode(&v); errors.Is(err, io.EOF) && n > 0 {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// parseINI takes what systemd, Redis's ACL files and .env have: sections, names with a
// value, comments.
func parseINI(text string) error {
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		name, _, isPair := strings.Cut(line, "=")
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[' && strings.Index(line, "]") == len(line)-1 && len(line) > 2:
		case isPair && strings.TrimSpace(name) != "":
		default:
			return fmt.Errorf("line %d is no section, no name=value and no comment", n)
		}
	}
	return nil
}

func TestParseData(t *testing.T) {
	for text, ok := range map[string]bool{`{"a": 1}`: true, "{}\n[]\n": true, "": false, `{"a": }`: false, "{} x": false} {
		if err := parseJSON(text); (err == nil) != ok {
			t.Errorf("JSON %q: %v", text, err)
		}
	}
	for text, ok := range map[string]bool{"# a\n[Unit]\nA=b=c\n\n; d": true, "[Unit": false, "word": false, "=x": false} {
		if err := parseINI(text); (err == nil) != ok {
			t.Errorf("INI %q: %v", text, err)
		}
	}
}
