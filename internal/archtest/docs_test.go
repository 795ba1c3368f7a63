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
