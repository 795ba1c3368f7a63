package redact_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/advoware-go/advoware/internal/redact"
)

func asJSON(s string) string {
	b, _ := json.Marshal(s)
	return string(b[1 : len(b)-1])
}

// each writes every rune in this format.
func each(format string, bytewise bool) func(string) string {
	return func(s string) string {
		var b strings.Builder
		if bytewise {
			for _, c := range []byte(s) {
				fmt.Fprintf(&b, format, c)
			}
			return b.String()
		}
		for _, r := range s {
			for _, unit := range utf16.AppendRune(nil, r) {
				fmt.Fprintf(&b, format, unit)
			}
		}
		return b.String()
	}
}

// spellings are ways to write a text down.
var spellings = map[string]func(string) string{
	"raw":           func(s string) string { return s },
	"JSON":          asJSON,
	"JSON, slashes": func(s string) string { return strings.ReplaceAll(asJSON(s), "/", `\/`) },
	"JSON, all":     each(`\u%04x`, false),
	"JSON, ALL":     each(`\u%04X`, false),
	"query":         url.QueryEscape,
	"path":          url.PathEscape,
	"JSON, braces":  each(`\u{%x}`, false),
	"URL, all":      each("%%%02x", true),
	"URL, %u":       each("%%u%04X", false),
	"HTML":          html.EscapeString,
	"HTML, all":     each("&#%d;", false),
	"HTML, all hex": each("&#x%X;", false),
	"HTML, bare":    each("&#%d", false),
	"HTML, bare x":  each("&#x%x", false),
	"HTML, zeros":   each("&#x0000000000000000000000000000000000000000000000000000000000000000000000%x;", false),
	"repr":          each(`\x%02x`, true),
	"Perl":          each(`\x{%x}`, false),
	"octal":         each(`\%03o`, true),
}

var secrets = []string{
	"tok-1", `a+b/c=d.e"f\g~h&i'j<k>`, "+begins-with-a-plus", "/slash", strings.Repeat("ab+/", 40), strings.Repeat("ab+/", 200), strings.Repeat("=", 16<<10),
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
	"100%25", "%41%42%43", `\u0041\u0042`, "&amp;&lt;", "25252525", "ends in a \\", `\begins`,
}

// A secret is found in whatever way it is written, also in two ways one after another,
// and nothing but it is taken out.
func TestSpellings(t *testing.T) {
	for _, secret := range secrets {
		s := redact.NewToken(secret)
		for outer, write := range spellings {
			for inner, first := range spellings {
				if len(secret) > 700 && inner != "raw" {
					continue
				}
				written := write(first(secret))
				for i, around := range []string{"%s", "before '%s' after", `{"a": 33%%, "b":"\n%s", "c":"&nbsp;"}`, "%s %[1]s"} {
					text := fmt.Sprintf(around, written)
					if len(text) > redact.Limit {
						continue
					}
					want := fmt.Sprintf(around, redact.Mark)
					got := s.Hide(text)
					// An escape of what is before or after it may be taken for a part.
					if got != want && strings.TrimRight(got, `\`) != want && !strings.HasPrefix(got, strings.SplitN(want, redact.Mark, 2)[0]+redact.Mark) {
						t.Errorf("%.40q, %s of %s: %.200q, want %.100q", secret, outer, inner, got, want)
					}
					if i == 2 && !s.In(text) { // it searches as Hide does
						t.Errorf("%.40q, %s of %s: not in %.100q", secret, outer, inner, text)
					}
				}
			}
		}
	}
}

func TestAnyCase(t *testing.T) {
	for _, secret := range []string{"swordfish", "Schlüssel für Größe", "a&b<c>d+e f%g"} {
		for how, write := range spellings {
			for _, text := range []string{write(strings.ToUpper(secret)), strings.ToLower(write(secret))} {
				if got := redact.New(secret).Hide("'" + text + "'"); got != "'[redacted]'" {
					t.Errorf("%q, %s: %q", secret, how, got)
				}
			}
		}
	}
	if got := redact.NewToken("swordfish").Hide("SWORDFISH"); got != "SWORDFISH" {
		t.Errorf("a token in capitals is another one: %q", got)
	}
}

// What stands before a secret does not hide it.
func TestWhatIsBefore(t *testing.T) {
	const secret = "25ab+cd/ef=41uvw0061xyz.0123456789+abcdef"
	for _, before := range []string{"%", "%2", "%25", "%2525", `\`, `\u`, `\u0`, `\u00`, `\u006`, `\x`, `\x4`, "&", "&#", "&#x", "&#4", "&amp", "&amp;", "&amp;#"} {
		for how, write := range spellings {
			got := redact.NewToken(secret).Hide(before + write(secret) + "; and so on")
			if !strings.Contains(got, redact.Mark) || strings.Contains(got, "789") || !strings.HasSuffix(got, "so on") {
				t.Errorf("%q and %s: %q", before, how, got)
			}
		}
	}
}

func TestHideCut(t *testing.T) {
	const secret = "ab+cd/ef=gh&ij.0123456789"
	s := redact.NewToken(secret)
	for how, write := range spellings {
		if how == "HTML, zeros" {
			continue // one sign is longer than what is looked at
		}
		text := "before " + write(secret)
		for end := range text {
			got := s.HideCut(text[:end])
			if signs := strings.IndexByte(secret, '+') + 3; end > len("before "+write(secret[:signs])) && got != "before [redacted]" {
				t.Errorf("%s: %q of %q", how, got, text[:end])
			}
			if !strings.HasPrefix(text, strings.TrimSuffix(got, redact.Mark)) {
				t.Errorf("%s: %q", how, got)
			}
		}
	}
	if got := s.HideCut("something else"); got != "something else" {
		t.Errorf("%q", got)
	}
}

func TestLimit(t *testing.T) {
	s := redact.NewToken("the-secret-token")
	got := s.Hide(strings.Repeat("x", redact.Limit-8) + "the-secret-token" + strings.Repeat("y", 1<<20))
	if want := strings.Repeat("x", redact.Limit-8) + "[redacted]…"; got != want {
		t.Errorf("%d bytes, %q at the end", len(got), got[redact.Limit-20:])
	}
}

// Nothing is taken out of what has no secret in it.
func TestOtherTextStays(t *testing.T) {
	for _, secret := range append(secrets, "") {
		for _, text := range []string{"", "plain", `{"a":"\u00e4\n\/","b":"&auml;%20%zz%"}`, `C:\users\x`, "&unknown; &#; &#x; &", `\`, "%", "%2", "Grüße"} {
			if got := redact.NewToken(secret).Hide(text); got != text {
				t.Errorf("%.40q: %q became %q", secret, text, got)
			}
		}
	}
}

// What a search costs does not depend on how the text is made: it is a few steps a
// byte, which is counted in allocations and seen by the test ending at all. Under the race detector
// each step takes ten times as long, and shows nothing more: there the texts are shorter.
func TestHostileTextsEnd(t *testing.T) {
	size := 48 << 10
	if underRace {
		size = 6 << 10
	}
	of := func(part string) string { return strings.Repeat(part, size/3/len(part)) }
	for _, secret := range []string{"+abc", of("a"), of("+/"), of(`\`), of("%25"), "eyJ-" + of("a")} {
		for _, unit := range []string{
			`\`, `\u`, `\u00`, `\u005c`, `\x5c`, "%", "%25", "25", "&", "&amp;", "amp;", "&#", "&#x2", "&#38;", "&a", "&a;", "a", "+", "%2B", "=", "=3", "=41", "=\n", "=\\n", "a\n", `\n`, `\101`,
			secret[:len(secret)-1] + "!", "?", "\x00", "\xff", "ü",
		} {
			text := strings.Repeat(unit, size/len(unit)+1)
			// Hide does what HideCut does, but for what it need not look at; only a token has that.
			_, _ = redact.New(secret).HideCut(text), redact.NewToken(secret).Hide(text)
			_ = redact.NewToken(secret).Encoded().HideCut(text)
		}
	}
}

func FuzzHide(f *testing.F) {
	for _, secret := range secrets {
		f.Add(secret, "before ", " after")
	}
	f.Add(`a\`, "%", "25")
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		if secret == "" || len(secret)+len(before)+len(after) > redact.Limit {
			return
		}
		for _, s := range []*redact.Secret{redact.New(secret), redact.NewToken(secret)} {
			text := before + secret + after
			if got := s.Hide(text); !strings.Contains(got, redact.Mark) {
				t.Errorf("%q in %q: %q", secret, text, got)
			}
			if !bytes.Contains([]byte(s.HideCut(before+secret)), []byte(redact.Mark)) {
				t.Errorf("%q at the end of %q", secret, before)
			}
		}
	})
}

// A character beyond the first 65,536 is spelled in ways of its own.
func TestEmoji(t *testing.T) {
	const secret = "geheim\U0001f600wort"
	for _, text := range []string{secret, `geheim\U0001f600wort`, `geheim\U0001F600wort`, `geheim\ud83d\ude00wort`, `geheim\u{1f600}wort`, "geheim%ud83d%ude00wort", "geheim%25uD83D%25uDE00wort", "geheim&#128512;wort", "geheim%F0%9F%98%80wort", "geheim?wort"} {
		if got := redact.New(secret).Hide("a " + text + " b"); got != "a [redacted] b" {
			t.Errorf("%s: %s", text, got)
		}
	}
	// Eight digits are none of a secret that follows four.
	for _, text := range []string{`\u000adead-secret`, `\u0041dead-secret`, `\u00e4dead-secret`, `\u0010dead-secret`} {
		if got := redact.New("dead-secret").Hide(text); !strings.HasSuffix(got, "[redacted]") {
			t.Errorf("%s: %s", text, got)
		}
	}
}
