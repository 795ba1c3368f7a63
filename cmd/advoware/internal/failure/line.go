package failure

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// OneLine returns text on one line, with escapes for what a terminal would act on, the
// direction of writing included.
func OneLine(text string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(text), " ") {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
