package sentence_test

import (
	"fmt"
	"html"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/internal/sentence"
)

// A sentence is found in whatever way any one letter of it is written, so that no page is
// passed over because the words do not stand there as they are.
func TestEachLetterMayBeEscaped(t *testing.T) {
	ways := map[string]func(byte) string{
		"capital":       func(c byte) string { return strings.ToUpper(string(c)) },
		"JSON":          func(c byte) string { return fmt.Sprintf(`\u%04x`, c) },
		"JSON in JSON":  func(c byte) string { return fmt.Sprintf(`\\u%04X`, c) },
		"backslash":     func(c byte) string { return `\` + string(c) },
		"number":        func(c byte) string { return fmt.Sprintf("&#%d;", c) },
		"hexadecimal":   func(c byte) string { return fmt.Sprintf("&#X%x;", c) },
		"HTML in HTML":  func(c byte) string { return fmt.Sprintf("&amp;#%d;", c) },
		"AMP":           func(c byte) string { return fmt.Sprintf("&AMP#%d;", c) },
		"number sign":   func(c byte) string { return fmt.Sprintf("&&num;%d;", c) },
		"named slash":   func(c byte) string { return fmt.Sprintf("&bsol;u%04x", c) },
		"both by name":  func(c byte) string { return fmt.Sprintf("&&num&semi;%d;", c) },
		"JSON, entity":  func(c byte) string { return fmt.Sprintf(`\u0026#%d;`, c) },
		"in an element": func(c byte) string { return "<![CDATA[" + string(c) },
	}
	for text, want := range sentences {
		if want == reason.Unknown || text != html.EscapeString(text) {
			continue
		}
		for name, way := range ways {
			for i := range len(text) {
				c := text[i]
				if c|0x20 < 'a' || c|0x20 > 'z' || name == "backslash" && strings.IndexByte("bfnrtux", c) >= 0 {
					continue
				}
				if name == "in an element" && i > 0 {
					break // within a word it would be a space
				}
				written := "<p>" + text[:i] + way(c) + text[i+1:] + "</p>"
				if got := sentence.Reason([]byte(written)); got != want {
					t.Errorf("%s: %q is %v, want %v", name, written, got, want)
				}
			}
		}
	}
}
