package redact_test

import (
	"encoding/base64"
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

// What breaks off inside a character of UTF-16, or of a longer one, ends with a U+FFFD. The beginning of
// the secret before that is hidden, also if nobody says that the text broke off.
func TestCutWithinACharacter(t *testing.T) {
	const secret = "abcdefgh+ijklmnop"
	coded := base64.StdEncoding.EncodeToString([]byte("user:" + secret))
	for text, want := range map[string]string{
		"x abcdefgh+ij\ufffd":                  "x [redacted]",
		"x abcdefgh+ij\ufffd\ufffd":            "x [redacted]",
		`x abcdefgh\u00` + "\ufffd":            "x [redacted]",
		"x abcd\ufffd":                         "x abcd",
		"x " + secret + "\ufffd":               "x [redacted]",
		"x " + coded[:len(coded)-3] + "\ufffd": "x dXNlcj[redacted]",
	} {
		for name, s := range map[string]*redact.Secret{"a token": redact.NewToken(secret), "a password": redact.New(secret), "encoded": redact.NewToken(secret).Encoded()} {
			if strings.Contains(text, coded[:4]) && name != "encoded" {
				continue
			}
			for _, hide := range []func(string) string{s.Hide, s.HideCut} {
				if got := strings.TrimRight(hide(text), "\ufffd"); got != want {
					t.Errorf("%s: %q: %q, want %q", name, text, got, want)
				}
			}
		}
	}
}
