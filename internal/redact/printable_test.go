package redact_test

import (
	"mime/quotedprintable"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/redact"
)

func asQuotedPrintable(text string) string {
	var b strings.Builder
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.String()
}

// A secret in a part of a mail, or of a dump of one, is in lines of 76, with some bytes as escapes.
func TestQuotedPrintable(t *testing.T) {
	for _, secret := range []string{"geheim=wort=1", "Schlüssel für Größe", strings.Repeat("eyJhbGciOi.", 20), strings.Repeat("=", 50), "a=41b=3Dc", `a\b="c"`} {
		for _, before := range []string{"", "Authorization: Bearer ", strings.Repeat("x", 70) + " ", `{"token":"`} {
			for how, text := range map[string]string{
				"as it is":            asQuotedPrintable(before + secret + "' and more"),
				"lines of LF":         strings.ReplaceAll(asQuotedPrintable(before+secret+"' and more"), "\r\n", "\n"),
				"in JSON":             asJSON(asQuotedPrintable(before + secret + "' and more")),
				"JSON in it":          asQuotedPrintable(before + asJSON(secret) + "' and more"),
				"each byte":           before + each("=%02X", true)(secret) + "' and more",
				"each byte, in lines": before + strings.ReplaceAll(each("=%02X", true)(secret), "=", "=\n=") + "' and more",
			} {
				for kind, s := range map[string]*redact.Secret{"New": redact.New(secret), "NewToken": redact.NewToken(secret)} {
					got := s.Hide(text)
					if strings.Count(got, redact.Mark) != 1 || strings.Count(got, "' and more") != strings.Count(text, "' and more") || len(got) > len(text)+len(redact.Mark)-len(secret) || !s.In(text) {
						t.Errorf("%s of %q, %s behind %q: %q of %q", kind, secret, how, before, got, text)
					}
				}
			}
		}
	}
}

// Where a text broke off, the beginning of a secret is hidden, also within an escape.
func TestQuotedPrintableThatIsCut(t *testing.T) {
	const secret = "abcdefgh=ijklmnop=qrstuvw"
	s := redact.NewToken(secret)
	for how, text := range map[string]string{
		"lines":     "x abcdef=\r\ngh=3Dijkl=\r\nmnop=3Dqrstuvw",
		"each byte": "x " + each("=%02X", true)(secret),
	} {
		least := map[string]int{"lines": len("x abcdefghij"), "each byte": len("x ") + 3*6}[how]
		for end := least; end <= len(text); end++ {
			if got := s.HideCut(text[:end]); got != "x [redacted]" {
				t.Errorf("%s: %q of %q", how, got, text[:end])
			}
		}
	}
}

// An equals sign is seldom an escape: what is behind one is read as it is, too.
func TestNotQuotedPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"password=41bc%2Bdefg&x=1":       "password=[redacted]&x=1",
		`{"query":"key=41bc\u002bdefg"}`: `{"query":"key=[redacted]"}`,
		"key=41bc+defg":                  "key=[redacted]",
		"=\n=41bc+defg":                  "=\n=[redacted]",
	} {
		if got := redact.NewToken("41bc+defg").Hide(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"=", "a=b", "=4", "width=50 id=4711", "=\n", "a =\r\n b", "==", "=\\", `=\r`, "x=" + strings.Repeat(`\`, 100), strings.Repeat("=41", 1000)} {
		for _, s := range []*redact.Secret{redact.New("swordfish"), redact.NewToken("swordfish"), redact.NewToken("swordfish").Encoded()} {
			if got := s.Hide(text); got != text {
				t.Errorf("%q became %q", text, got)
			}
			if got := s.HideCut(text); got != text {
				t.Errorf("%q, maybe cut, became %q", text, got)
			}
		}
	}
}
