package archtest_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGermanReadmeIsInStep compares what README.md and README.de.md have in common,
// whatever their language: the headings, the blocks but for their comments, the lists, the
// tables with the names in them, the links and the pictures, in their order. Whoever
// changes one of them is told to change the other.
func TestGermanReadmeIsInStep(t *testing.T) {
	english, german := skeleton(document(t, "README.md")), skeleton(document(t, "README.de.md"))
	if len(english) < 50 {
		t.Fatalf("only %d parts in README.md", len(english))
	}
	if diff := cmp.Diff(english, german); diff != "" {
		t.Errorf("README.de.md (+) is not built as README.md (-) is:\n%s", diff)
	}
}

var (
	comment   = regexp.MustCompile(`(^|\s+)(#|//) .*`)
	codeSpan  = regexp.MustCompile("`[^`]+`")
	linkTo    = regexp.MustCompile(`\]\(([^)\s]+)\)|(?:href|src|srcset)="([^"]+)"`)
	listItem  = regexp.MustCompile(`^(-|\d+\.) `)
	otherRead = regexp.MustCompile(`^README(\.de)?\.md$`)
)

// skeleton is a line for each part of a document that does not depend on the language.
func skeleton(text string) []string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	fenced, rows := false, 0
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
			add("%s", line)
			continue
		}
		if fenced {
			if code := strings.TrimRight(comment.ReplaceAllString(line, ""), " "); code != "" {
				add("  %s", code)
			}
			continue
		}
		if strings.HasPrefix(line, "|") {
			rows++
			add("row %d of a table, %d cells, %s", rows, strings.Count(line, "|"), strings.Join(codeSpan.FindAllString(line, -1), " "))
		} else {
			rows = 0
		}
		if level := len(line) - len(strings.TrimLeft(line, "#")); level > 0 {
			add("heading %d", level)
		}
		if mark := listItem.FindString(line); mark != "" {
			add("item %s", mark)
		}
		for _, m := range linkTo.FindAllStringSubmatch(line, -1) {
			target := strings.ReplaceAll(m[1]+m[2], "-de-", "-") // a picture with German words
			if otherRead.MatchString(target) {
				target = "the other language"
			}
			add("link to %s", target)
		}
	}
	return parts
}

func TestSkeletonSeesChanges(t *testing.T) {
	const before = "# A\n\ntext [b](c.md)\n\n```sh\nmake test   # words\n```\n\n| `x` | y |\n|---|---|\n| `z` | w |\n\n- one\n- two\n"
	same := "# Ä\n\nText\nund [d](c.md)\n\n```sh\nmake test  # Wörter\n```\n\n| `x` | ü |\n|---|---|\n| `z` | ö |\n\n- eins\n- zwei\n"
	if diff := cmp.Diff(skeleton(before), skeleton(same)); diff != "" {
		t.Errorf("a translation is a change:\n%s", diff)
	}
	for _, change := range [][2]string{
		{"# A", "## A"}, {"c.md", "d.md"}, {"make test", "make bench"}, {"```sh", "```text"},
		{"| `z` | w |\n", ""}, {"`z`", "`y`"}, {"- two\n", ""}, {"- two", "two"}, {"[b](c.md)", "b"},
	} {
		if cmp.Equal(skeleton(before), skeleton(strings.Replace(before, change[0], change[1], 1))) {
			t.Errorf("%q in place of %q is not seen", change[1], change[0])
		}
	}
}
