package redact_test

import (
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/redact"
)

// Of a secret that ends in a backslash, no backslash stays, however many escape it: their number
// would tell.
func TestSecretThatEndsInABackslash(t *testing.T) {
	s := redact.NewToken(`secret-word\`)
	for text, want := range map[string]string{
		`secret-word\`:            "[redacted]",
		`"secret-word\\"`:         `"[redacted]"`,
		`"secret-word\\\\"`:       `"[redacted]"`,
		`"secret-word\\\\\\\\"`:   `"[redacted]"`,
		`a secret-word\ and more`: "a [redacted] and more",
		`a secret-word\\\ b`:      "a [redacted] b",
	} {
		if got := s.Hide(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		if got := s.HideCut(text); !strings.HasPrefix(want, got) || !strings.HasSuffix(got, redact.Mark) && got != want {
			t.Errorf("%s, maybe cut: %s, want %s or its beginning", text, got, want)
		}
	}
}

// A text that broke off within an escape, of which there are several, hides what is before it.
func TestCutWithinAnEscapeOfAnEscape(t *testing.T) {
	const secret = "abcdefgh+ijklmnop"
	s := redact.NewToken(secret)
	for _, text := range []string{
		`x abcdefgh\`, `x abcdefgh\\`, `x abcdefgh\\\`, `x abcdefgh\\u`, `x abcdefgh\\\\u00`, `x abcdefgh%`, `x abcdefgh%2`,
		`x abcdefgh%25`, `x abcdefgh%252`, `x abcdefgh%%`, `x abcdefgh&`, `x abcdefgh&#`, `x abcdefgh&amp;#4`, `x abcdefgh\%2`,
	} {
		if got := s.HideCut(text); got != "x [redacted]" {
			t.Errorf("%s: %s", text, got)
		}
	}
}
