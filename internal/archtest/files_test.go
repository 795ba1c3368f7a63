package archtest_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the folder of go.mod, seen from here.
const root = "../.."

const maxLines = 400

// generated is the line by which Go's tools know code that was not written.
var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// vague names tell nothing of what is inside.
var vague = []string{
	"base", "common", "core", "handler", "helper", "helpers", "lib", "manager", "misc", "provider",
	"service", "shared", "tools", "types", "util", "utils",
}

func TestFilesAreShort(t *testing.T) {
	for path, text := range goFiles(t) {
		if generated.Match(text) { // nobody reads it
			continue
		}
		if lines := bytes.Count(text, []byte("\n")); lines > maxLines {
			t.Errorf("%s has %d lines, and no file has more than %d: find its second noun and give it a file of its own", path, lines, maxLines)
		}
	}
}

func TestPackageNamesSaySomething(t *testing.T) {
	for path := range goFiles(t) {
		for name := range strings.SplitSeq(filepath.ToSlash(filepath.Dir(path)), "/") {
			if slices.Contains(vague, name) {
				t.Errorf("%s: %q says nothing of what is inside: name the package after what it has", path, name)
			}
		}
	}
}

// TestTestsSleepInBubblesOnly takes a folder with synctest in it on trust: whether
// a helper is called in a bubble cannot be seen from outside.
func TestTestsSleepInBubblesOnly(t *testing.T) {
	sleeps, bubbles := make(map[string]string), make(map[string]bool)
	for path, text := range goFiles(t) {
		if !strings.HasSuffix(path, "_test.go") || filepath.Dir(path) == filepath.Join("internal", "archtest") {
			continue
		}
		if bytes.Contains(text, []byte("time.Sleep(")) {
			sleeps[filepath.Dir(path)] = path
		}
		if bytes.Contains(text, []byte("synctest.Test(")) {
			bubbles[filepath.Dir(path)] = true
		}
	}
	for dir, path := range sleeps {
		if !bubbles[dir] {
			t.Errorf("%s sleeps, and no test of %s runs in testing/synctest: wait for what is to happen, or use a bubble", path, dir)
		}
	}
}

// goFiles returns the Go files of this repository, nested modules included, by
// their path below root.
func goFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		files[name] = text
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no Go file below %s", root)
	}
	return files
}
