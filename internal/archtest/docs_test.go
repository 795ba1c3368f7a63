package archtest_test

import (
	"os"
	"regexp"
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

// TestQuickStartCompiles holds the README against the Example that runs it.
func TestQuickStartCompiles(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(readme), "## Quick start")
	_, block, _ = strings.Cut(block, "```go\n")
	block, _, _ = strings.Cut(block, "```")
	example := string(goFiles(t)["example_test.go"])
	for _, part := range []string{"type Employee struct", "func employees("} {
		at := strings.Index(block, part)
		if at < 0 {
			t.Errorf("the quick start has no %q", part)
			continue
		}
		code, _, _ := strings.Cut(block[at:], "\n}\n")
		if !strings.Contains(example, code+"\n}\n") {
			t.Errorf("example_test.go does not have this part of the quick start:\n%s", code)
		}
	}
}
