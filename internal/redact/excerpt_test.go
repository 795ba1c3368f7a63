package redact_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/advoware-go/advoware/internal/redact"
)

func TestExcerpt(t *testing.T) {
	for name, tt := range map[string]struct {
		body    string
		whole   bool
		secrets []string
		want    string
	}{
		"text":                    {"Kennwort falsch", true, []string{"swordfish"}, "Kennwort falsch"},
		"lines":                   {"\r\n a\n\tb\x1b[31mc \n", true, nil, "a b [31mc"},
		"each secret":             {"swordfish, Haddock\u00fc", true, []string{"swordfish", "haddock\u00fc"}, "[redacted], [redacted]"},
		"a short one":             {"wanted: abc", true, []string{"abc"}, ""},
		"a short one, not there":  {"wanted", true, []string{"abc"}, "wanted"},
		"no secret":               {"wanted", true, []string{""}, "wanted"},
		"a token":                 {`{"access\u005ftoken":"wanted"}`, true, nil, ""},
		"UTF-16":                  {"w\x00a\x00", true, nil, ""},
		"not whole, and short":    {"wanted", false, nil, ""},
		"not whole, but long":     {strings.Repeat("wanted ", 1000), false, nil, strings.Repeat("wanted ", 42) + "wanted…"},
		"longer than is searched": {"wanted" + strings.Repeat(" ", redact.Searched), true, nil, ""},
		"half a secret at the end": {
			strings.Repeat("x ", 1000) + strings.Repeat(" ", redact.Searched-2000-5) + "swordfish", true, []string{"swordfish"}, strings.Repeat("x ", 150) + "…",
		},
	} {
		if got := redact.Excerpt([]byte(tt.body), tt.whole, tt.secrets...); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

func TestOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                  "",
		" a\r\n\u2028b\x00": "a b",
		"a\xffb":            "ab",
		"0123456789":        "0123456789",
		"0123456789a":       "0123456789…",
		"012345678ß":        "012345678…",
	} {
		got := redact.OneLine(text, 10)
		if got != want || !utf8.ValidString(got) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
