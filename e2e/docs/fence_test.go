//go:build !race

package docs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// root is the folder of go.mod, seen from here.
const root = "../.."

// fence is a block between ``` lines.
type fence struct {
	file string // below root
	line int    // of its first line of text
	lang string
	text string
}

func (f fence) String() string { return fmt.Sprintf("%s:%d", f.file, f.line) }

// documents returns the documents that readers work with, below root.
func documents(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, pattern := range []string{"README.md", "README.de.md", "CONTRIBUTING.md", "docs/*.md", "benchmarks/README.md", "examples/README.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	for i, name := range names {
		names[i], _ = filepath.Rel(root, name)
		names[i] = filepath.ToSlash(names[i])
	}
	if len(names) < 8 {
		t.Fatalf("only %d documents below %s", len(names), root)
	}
	return names
}

// fences returns the blocks of all documents that are in one of the languages.
func fences(t *testing.T, langs ...string) []fence {
	t.Helper()
	var all []fence
	for _, name := range documents(t) {
		found, err := parseFences(name, read(t, name))
		if err != nil {
			t.Error(err)
		}
		all = append(all, found...)
	}
	if len(all) == 0 {
		t.Fatal("the documents have no blocks")
	}
	return slices.DeleteFunc(all, func(f fence) bool { return !slices.Contains(langs, f.lang) })
}

// hidden begins code in a way that is not looked at.
var hidden = regexp.MustCompile("^\\s*~~~|^\\s*>.*```|(?i)^\\s*<pre|^\\s*([-*+]|[0-9]+\\.)\\s+```")

// Markdown makes code of what is indented and not in a list.
var (
	item     = regexp.MustCompile(`^([-*+]|[0-9]+[.)])\s`)
	indented = regexp.MustCompile(`^(    |\t)`)
)

// parseFences returns the blocks of a document. One inside a list is indented, and loses as
// many spaces as its first line has.
func parseFences(file, text string) ([]fence, error) {
	var (
		all          []fence
		open         *fence
		mark, indent string
		n            int
		list, blank  bool // the text is that of a list, there was an empty line before
	)
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		bare := strings.TrimLeft(line, " ")
		ticks := len(bare) - len(strings.TrimLeft(bare, "`"))
		outside := open == nil
		if outside && (hidden.MatchString(line) || !list && blank && indented.MatchString(line)) {
			return all, fmt.Errorf("%s:%d: code that no test sees: begin a block with ``` that is in no quotation", file, n)
		}
		if blank = bare == ""; outside && !blank && bare == line {
			list = item.MatchString(line)
		}
		switch {
		case open == nil && ticks > 2 && !strings.Contains(bare[ticks:], "`"):
			mark, indent = bare[:ticks], line[:len(line)-len(bare)]
			open = &fence{file: file, line: n + 1, lang: strings.TrimSpace(bare[ticks:])}
		case open == nil:
		case ticks >= len(mark) && strings.TrimSpace(bare[ticks:]) == "":
			all, open = append(all, *open), nil
		default:
			open.text += strings.TrimPrefix(line, indent) + "\n"
		}
	}
	if open != nil {
		return all, fmt.Errorf("%s: the block does not end", open)
	}
	return all, nil
}

// languages are what a block may be in; each has a test here, but for text that is no screen.
var languages = []string{"sh", "go", "python", "yaml", "json", "ini", "text"}

// A block is in a language in which it is tested, or it is text.
func TestBlocksSayWhatTheyAre(t *testing.T) {
	for _, name := range documents(t) {
		found, err := parseFences(name, read(t, name))
		if err != nil {
			t.Error(err)
		}
		for _, f := range found {
			if !slices.Contains(languages, f.lang) {
				t.Errorf("%s: a block in %q: it is one of %q, and text if it is not to be run", f, f.lang, languages)
			}
		}
	}
}

func TestParseFences(t *testing.T) {
	got, err := parseFences("x.md", "- a\n\n    of the list\n\na\n    of the text\n```sh\none\n\ntwo\n```\n- b\n\n  ```go\n  x()\n    y()\n  ```\n````text\n```\n````\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []fence{
		{"x.md", 8, "sh", "one\n\ntwo\n"},
		{"x.md", 15, "go", "x()\n  y()\n"},
		{"x.md", 19, "text", "```\n"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(fence{})); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{"```sh\nnever ends\n", "~~~sh\nx\n~~~\n", "> ```sh\n> x\n> ```\n", "<pre>x</pre>\n", "- ```sh\n  x\n  ```\n", "a\n\n    code\n"} {
		if _, err := parseFences("x.md", text); err == nil {
			t.Errorf("%q has no error", text)
		}
	}
}

// read returns the text of a file below root.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
