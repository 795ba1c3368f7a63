package redact_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
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

// What a secret looks like in a dump, or broken into lines, is not shown: none of the text is.
func TestExcerptOfEncodedSecrets(t *testing.T) {
	const password, raw = "P\u00e4$$w0rd+geheim/42\"x", "secret-key-of-\x01\xff\xfe 12345"
	key := base64.StdEncoding.EncodeToString([]byte(raw))
	for name, text := range map[string]string{
		"lines":            password[:7] + "\n" + password[7:],
		"folded":           password[:7] + "\r\n\t" + password[7:],
		"invisible":        password[:7] + "\u00ad" + password[7:],
		"letters apart":    strings.Join(strings.Split(password, ""), " "),
		"hex":              fmt.Sprintf("%x", password),
		"capitals":         fmt.Sprintf("%X", password),
		"a dump":           fmt.Sprintf("% x", password),
		"colons":           strings.ReplaceAll(fmt.Sprintf("% x", password), " ", ":"),
		"an array":         strings.Trim(fmt.Sprint([]byte(password)), "[]"),
		"an array of C":    strings.Trim(fmt.Sprintf("%#v", []byte(password)), "[]byte{}"),
		"the key, array":   strings.Trim(fmt.Sprint([]byte(raw)), "[]"),
		"quoted-printable": lines(strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte("XYZ:"+password)), "/", "=2F"), "=\r\n"),
		"quoted hex":       lines(fmt.Sprintf("%x", password), "=\n"),
		"escaped lines":    lines(base64.StdEncoding.EncodeToString([]byte(password)), `\u000d\u000a`),
		"base64":           base64.StdEncoding.EncodeToString([]byte(password)),
		"base64 of a URL":  base64.RawURLEncoding.EncodeToString([]byte(password)),
		"Basic":            "Basic " + base64.StdEncoding.EncodeToString([]byte("XY:"+password)),
		"one byte before":  base64.StdEncoding.EncodeToString([]byte("XYZ:" + password)),
		"two bytes before": base64.StdEncoding.EncodeToString([]byte("WXYZ:" + password + "@host")),
		"in lines of 16":   strings.Join(strings.SplitAfterN(base64.StdEncoding.EncodeToString([]byte(password)), "Jk", 2), "\r\n"),
		"the key, decoded": raw,
		"the key, in hex":  fmt.Sprintf("%x", raw),
		"the key, in two":  key[:20] + "\n" + key[20:],
	} {
		if got := redact.Excerpt([]byte("Kennwort falsch: "+text+" (Ende)"), true, password, key); got != "" && got != "Kennwort falsch: [redacted] (Ende)" {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, text := range []string{"Falscher Name oder falsches Kennwort", "73 77 6f 72 64 61", base64.StdEncoding.EncodeToString([]byte("something else altogether"))} {
		if got := redact.Excerpt([]byte(text), true, password, key, "kurz"); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// The digits of base64 that have a meaning elsewhere may be escaped.
func TestExcerptOfEscapedBase64(t *testing.T) {
	const password = "ab?cd>ef?gh>ij?"
	code := base64.StdEncoding.EncodeToString([]byte("abc" + password))
	if !strings.Contains(code, "+") || !strings.Contains(code, "/") {
		t.Fatal("nothing to be escaped")
	}
	for name, text := range map[string]string{
		"JSON":       strings.NewReplacer("+", `\u002B`, "/", `\/`).Replace(code),
		"a query":    url.QueryEscape(code),
		"HTML":       strings.ReplaceAll(code, "+", "&#x2B;"),
		"all of URL": url.QueryEscape(base64.URLEncoding.EncodeToString([]byte("abc" + password))),
	} {
		if got := redact.Excerpt([]byte("Kennwort falsch: "+text), true, password); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}
