package archtest_test

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestDocumentedTestsExist keeps ARCHITECTURE.md honest: a test that it names as
// proof of a promise must be there.
func TestDocumentedTestsExist(t *testing.T) {
	text, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, src := range goFiles(t) {
		code.Write(src)
	}
	named := regexp.MustCompile("`(Test[A-Za-z0-9_]+)`").FindAllStringSubmatch(string(text), -1)
	if len(named) < 30 {
		t.Fatalf("only %d tests named: has the table moved?", len(named))
	}
	for _, m := range named {
		if !strings.Contains(code.String(), "\nfunc "+m[1]+"(") {
			t.Errorf("ARCHITECTURE.md names %s, which does not exist", m[1])
		}
	}
}

// TestArchitectureHasTheTable compares the table of packages, and writes it with -update.
func TestArchitectureHasTheTable(t *testing.T) {
	const file, first = "../../ARCHITECTURE.md", "| package | answers for | imports |\n|---|---|---|\n"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), first)
	old, after, ended := strings.Cut(rest, "\n\n")
	if !found || !ended {
		t.Fatalf("ARCHITECTURE.md has no table that begins with %s", first)
	}
	want := ""
	for _, r := range table {
		want += r.markdown()
	}
	switch {
	case old+"\n" == want:
	case *update:
		err = os.WriteFile(file, []byte(before+first+want+"\n"+after), 0o644)
	default:
		t.Errorf("the packages of ARCHITECTURE.md are not those of internal/archtest/table_test.go: change them there, then run go test ./internal/archtest -update")
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (r row) markdown() string {
	name := func(pkg string) string {
		if pkg == "." {
			return "advoware"
		}
		return strings.TrimPrefix(pkg, "github.com/")
	}
	imports := "nothing"
	for _, arrow := range slices.Concat(r.ours, r.modules) {
		imports = strings.TrimPrefix(imports+", ", "nothing, ") + name(arrow)
	}
	return "| `" + name(r.pkg) + "` | " + r.answers + " | " + imports + " |\n"
}

// TestQuickStartCompiles holds the README against the Example that runs it, and both
// languages against the file that a reader has saved it in when its commands are run.
func TestQuickStartCompiles(t *testing.T) {
	example := document(t, "example_test.go")
	program := firstBlock(t, document(t, "README.md"), "## Quick start", "go")
	for _, part := range []string{"type Employee struct", "func employees("} {
		at := strings.Index(program, part)
		if at < 0 {
			t.Errorf("the quick start has no %q", part)
			continue
		}
		code, _, _ := strings.Cut(program[at:], "\n\n")
		if !strings.Contains(example, code+"\n\n") {
			t.Errorf("example_test.go does not have this part of the quick start:\n%s", code)
		}
	}
	for _, name := range []string{"README", "README.de"} {
		if firstBlock(t, document(t, name+".md"), "# advoware", "go") != document(t, "e2e/docs/testdata/"+name+"/main.go") {
			t.Errorf("e2e/docs/testdata/%s/main.go is not the program in %s.md", name, name)
		}
	}
}

// TestMapOfFilesIsComplete compares the map of files in ARCHITECTURE.md with the files of
// production code of this module.
func TestMapOfFilesIsComplete(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, listed, _ := strings.Cut(string(text), "\n## The map of files\n")
	_, listed, _ = strings.Cut(listed, "\n```\n")
	listed, _, found := strings.Cut(listed, "\n```\n")
	if !found {
		t.Fatal("ARCHITECTURE.md has no map of files")
	}
	inMap, dir := make(map[string]bool), ""
	for line := range strings.Lines(listed) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case line[0] != ' ':
			dir = words[0]
		case len(words) == 1:
			t.Errorf("the map of files says nothing of %s", path.Join(dir, words[0]))
		default:
			inMap[path.Join(dir, words[0])] = true
		}
	}
	inTree := productionFiles(t)
	for _, name := range slices.Sorted(maps.Keys(inTree)) {
		if !inMap[name] {
			t.Errorf("%s is not in the map of files in ARCHITECTURE.md: say there in one line what is in it", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(inMap)) {
		if !inTree[name] {
			t.Errorf("the map of files in ARCHITECTURE.md has %s, which does not exist", name)
		}
	}
}

// productionFiles returns the Go files and scripts of this module that are no tests, by
// their slash-separated path below root. Nested modules, which have a go.mod of their own, are left out.
func productionFiles(t *testing.T) map[string]bool {
	t.Helper()
	files := make(map[string]bool)
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			_, err := os.Stat(filepath.Join(root, name, "go.mod"))
			if name != "." && (err == nil || strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
				return fs.SkipDir
			}
			return nil
		}
		if ext := path.Ext(name); ext == ".lua" || ext == ".go" && !strings.HasSuffix(name, "_test.go") {
			files[name] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// document returns the text of a file below root.
func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// firstBlock returns the first block in a language that comes after a text.
func firstBlock(t *testing.T, document, after, language string) string {
	t.Helper()
	_, rest, _ := strings.Cut(document, after)
	m := regexp.MustCompile("(?s)\n```" + language + "\n(.*?)```\n").FindStringSubmatch(rest)
	if m == nil {
		t.Fatalf("there is no block of %s after %q", language, after)
	}
	return m[1]
}
