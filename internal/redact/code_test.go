package redact_test

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/advoware-go/advoware/internal/redact"
)

// codings are ways to write a text down that nobody reads.
var codings = map[string]func(string) string{
	"hex":           func(s string) string { return fmt.Sprintf("%x", s) },
	"HEX":           func(s string) string { return fmt.Sprintf("%X", s) },
	"base64":        func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64, bare":  func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte(s)) },
	"base64 of URL": func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) },
}

// A token is hidden in whatever it is encoded together with, at each place, and nothing else is.
func TestEncoded(t *testing.T) {
	for _, token := range []string{"12345678", "tok~en?>\xfb\xff\xbf.0", strings.Repeat("eyJhbGciOi.", 100)} {
		s := redact.NewToken("another-token").And(redact.NewToken(token)).Encoded()
		for how, write := range codings {
			for _, before := range []string{"", "B", "Be", "Bearer ", "Authorization: Bearer "} {
				for _, after := range []string{"", "\r", "\r\n", "\r\nHost: a"} {
					for _, around := range []string{"%s", `{"header":"%s"}`, strings.Repeat("Zugriff ", 100) + "%s" + strings.Repeat(" verweigert", 100)} {
						text := fmt.Sprintf(around, write(before+token+after))
						got := s.Hide(text)
						if strings.Count(got, redact.Mark) != 1 || !s.In(text) {
							t.Fatalf("%.20q, %s behind %q and before %q: %.300q", token, how, before, after, got)
						}
						if shown := len(got) - len(redact.Mark) - (len(around) - len("%s")); shown > len(write(before))+len(write(after))+2 {
							t.Errorf("%.20q, %s behind %q and before %q: %d bytes too many are shown of %.300q", token, how, before, after, shown, got)
						}
					}
				}
			}
		}
	}
}

// utf16Of writes a text as UTF-16.
func utf16Of(order binary.AppendByteOrder, text string) (out []byte) {
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return out
}

// lines breaks a text into lines of 20.
func lines(text, end string) string {
	var b strings.Builder
	for len(text) > 20 {
		b.WriteString(text[:20] + end)
		text = text[20:]
	}
	return b.String() + text
}

// However the digits are written, next to nothing of them is shown.
func TestEncodedInOtherForms(t *testing.T) {
	base64Of := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	in := func(code, of string, as string) string { return strings.ReplaceAll(code, of, as) }
	const long = "the~token?>of>this?test/0123456789+abcdefghijklmnopqrstuvwxyz?"
	for name, write := range map[string]func(string) string{
		"hyphens":                   func(s string) string { return in(fmt.Sprintf("% X", s), " ", "-") },
		"UTF-16, hex":               func(s string) string { return fmt.Sprintf("%x", utf16Of(binary.LittleEndian, s)) },
		"UTF-16, base64":            func(s string) string { return base64Of(string(utf16Of(binary.LittleEndian, s))) },
		"UTF-16 of a network":       func(s string) string { return base64Of(string(utf16Of(binary.BigEndian, s))) },
		"JSON of .NET":              func(s string) string { return in(base64Of(s), "+", `\u002B`) },
		"JSON of PHP":               func(s string) string { return in(base64Of(s), "/", `\/`) },
		"a query":                   func(s string) string { return url.QueryEscape(base64Of(s)) },
		"HTML":                      func(s string) string { return in(in(base64Of(s), "+", "&#43;"), "/", "&#x2F;") },
		"lines":                     func(s string) string { return lines(base64Of(s), "\r\n") },
		"lines of hex":              func(s string) string { return lines(fmt.Sprintf("%x", s), "\n") },
		"lines in JSON":             func(s string) string { return lines(base64Of(s), `\r\n`) },
		"lines in JSON, in JSON":    func(s string) string { return in(lines(base64Of(s), `\\n`), "/", `\\/`) },
		"lines, indented":           func(s string) string { return lines(base64Of(s), "\r\n\t ") },
		"lines, indented, in JSON":  func(s string) string { return lines(base64Of(s), `\r\n  `) },
		"lines of a header":         func(s string) string { return lines(base64Of(s), " ") },
		"lines in JSON of .NET":     func(s string) string { return lines(base64Of(s), `\u000d\u000A`) },
		"lines in a query":          func(s string) string { return url.QueryEscape(lines(base64Of(s), "\r\n")) },
		"lines in a query, twice":   func(s string) string { return url.QueryEscape(url.QueryEscape(lines(base64Of(s), "\n"))) },
		"lines, indented, in a URL": func(s string) string { return url.PathEscape(lines(base64Of(s), "\r\n  ")) },
		"lines, indented by tabs":   func(s string) string { return lines(base64Of(s), `\n\t`) },
		"tabs in JSON, in JSON":     func(s string) string { return lines(base64Of(s), `\\r\\n\\t\\t`) },
		"lines, indented, in HTML":  func(s string) string { return lines(base64Of(s), "&#10;&#32;&#x9;") },
		"lines in HTML":             func(s string) string { return lines(base64Of(s), "&#13;&#xA;") },
		"lines as octal":            func(s string) string { return lines(base64Of(s), `\015\012`) },
		"quoted-printable":          func(s string) string { return in(lines(base64Of(s), "=\r\n"), "/", "=2F") },
		"quoted-printable, in JSON": func(s string) string { return lines(base64Of(s), `=\r\n`) },
	} {
		for _, token := range []string{"12345678", "geheim-für-Müller", long} {
			s := redact.NewToken(token).Encoded()
			for _, before := range []string{"", "B", "Be", "Bearer ", "Authorization: Bearer "} {
				text := `"` + write(before+token) + `"`
				got := s.Hide(text)
				if shown, most := len(strings.ReplaceAll(got, redact.Mark, "")), len(write(before))+12; got == text || shown > most || !s.In(text) {
					t.Errorf("%s of %q behind %q: %d bytes are shown, want %d at most: %s", name, token, before, shown, most, got)
				}
			}
		}
	}
}

// A text that broke off in an encoded token does not show its beginning.
func TestEncodedTokenThatIsCut(t *testing.T) {
	const token = "the-token-of-this-test.0123456789"
	s := redact.NewToken(token).Encoded()
	for how, write := range codings {
		whole := "Header: " + write("Bearer "+token)
		for cut := len(whole); cut > len("Header: ")+len(write("Bearer the-token")); cut-- {
			if got := s.HideCut(whole[:cut]); !strings.HasSuffix(strings.TrimRight(got, "="), redact.Mark) {
				t.Fatalf("%s, %d bytes: %q", how, cut, got)
			}
		}
	}
}

// Nor does one that broke off in the escape of a digit.
func TestEncodedTokenThatIsCutInAnEscape(t *testing.T) {
	const token = "tok~en?>~~~???>>>~~~???>>>"
	s := redact.NewToken(token).Encoded()
	for how, write := range map[string]func(string) string{"a query": url.QueryEscape, "JSON": each(`\u%04x`, true), "HTML": each("&#%d;", true)} {
		code := write(base64.StdEncoding.EncodeToString([]byte(token)))
		for cut := len(code) * 3 / 4; cut <= len(code); cut++ {
			if got := s.HideCut("x " + code[:cut]); got != "x [redacted]" {
				t.Errorf("%s: %q of %q", how, got, code[:cut])
			}
		}
	}
}

// What has no token in it stays as it is.
func TestNothingEncoded(t *testing.T) {
	s := redact.NewToken("the-token-of-this-test.0123456789").Encoded()
	for _, text := range []string{
		"", "a", strings.Repeat("a", 100_000), strings.Repeat("abc ", 10_000), base64.StdEncoding.EncodeToString([]byte("the-token-of-this-test.012345678!")),
		`{"message":"Die Akte 4711/26 wurde nicht gefunden.","code":"not_found"}`, strings.Repeat("00", 1000), strings.Repeat("\xff", 1000),
	} {
		if got := s.Hide(text); got != text {
			t.Errorf("%.100q became %.100q", text, got)
		}
	}
	if short := redact.NewToken("abc").Encoded(); short.Hide("YWJj 616263") != "YWJj 616263" {
		t.Error("three letters are found by chance")
	}
}

// A token that is broken into lines is hidden as one in base64 is, and nothing beside it.
func TestTokenInLines(t *testing.T) {
	for _, token := range []string{
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P-FUP0THsR8U",
		"abc/def+ghi~jkl_mno-pqr.stu/vwx+yz0123456789==",
	} {
		s := redact.NewToken(token).Encoded()
		for _, end := range []string{"\n", "\r\n", "\r", "\r\n\t ", " ", `\n`, `\r\n  `, `\\n\\t`, `\u000d\u000A`, "&#13;&#xA;", "%0D%0A", "%250A%2520"} {
			broken := strings.TrimRight(lines(token, end), "=")
			for _, text := range []string{`"%s"`, "(%s) and more", "%s", "Header: Bearer %s\r\n\"somebody\""} {
				text, want := strings.ReplaceAll(text, "%s", broken), strings.ReplaceAll(text, "%s", redact.Mark)
				want = strings.ReplaceAll(want, "\r\n", "") // the end of a line may be one of the token's
				if got := s.Hide(text); got != want || !s.In(text) {
					t.Errorf("%q: %q, want %q", text, got, want)
				}
			}
			for cut := len(broken); cut > 12; cut-- {
				if got := s.HideCut("x " + broken[:cut]); strings.TrimRight(got, " \t") != "x [redacted]" {
					t.Errorf("%q, cut: %q", broken[:cut], got)
				}
			}
		}
	}
}
