package gateway_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/secret"
)

// asJSON is s inside a JSON string, as the encoder of some platform writes it.
func asJSON(s string, htmlToo bool) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(htmlToo)
	enc.Encode(s)
	text := strings.TrimSuffix(b.String(), "\n")
	return text[1 : len(text)-1]
}

// escaped writes every rune that must as \uXXXX.
func escaped(s, format string, must func(rune) bool) string {
	var b strings.Builder
	for _, r := range s {
		if !must(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, format, unit)
		}
	}
	return b.String()
}

func foreign(r rune) bool { return r > '~' }
func special(r rune) bool { return r > '~' || strings.ContainsRune("\"\\'&<>+`\t", r) }
func all(rune) bool       { return true }

var echoes = map[string]func(string) string{
	"raw":             func(s string) string { return s },
	"capitals":        strings.ToUpper,
	"JSON":            func(s string) string { return asJSON(s, false) },
	"JSON, no <>&":    func(s string) string { return asJSON(s, true) },
	"JSON in JSON":    func(s string) string { return asJSON(asJSON(s, true), true) },
	"PHP":             func(s string) string { return strings.ReplaceAll(escaped(s, `\u%04x`, foreign), "/", `\/`) },
	"Python":          func(s string) string { return escaped(asJSON(s, false), `\u%04x`, foreign) },
	"System.Text":     func(s string) string { return escaped(s, `\u%04X`, special) },
	"all of it":       func(s string) string { return escaped(s, `\u%04x`, all) },
	"all in capitals": func(s string) string { return escaped(s, `\u%04X`, all) },
	"query":           url.QueryEscape,
	"path":            url.PathEscape,
	"lower case path": func(s string) string { return strings.ToLower(url.PathEscape(s)) },
	"escaped twice":   func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"HTML":            html.EscapeString,
	"JSON in HTML":    func(s string) string { return html.EscapeString(asJSON(s, true)) },
	"HTML by number": func(s string) string {
		return escaped(s, `&#%d;`, func(r rune) bool { return special(r) && r < 0x10000 })
	},
	"HTML in hex": func(s string) string {
		return escaped(s, `&#x%X;`, func(r rune) bool { return special(r) && r < 0x10000 })
	},
	"question marks": func(s string) string {
		return strings.Map(func(r rune) rune {
			if foreign(r) {
				return '?'
			}
			return r
		}, s)
	},
	"Latin-1": func(s string) string {
		var b []byte
		for _, r := range s {
			b = append(b, byte(r))
		}
		return string(b)
	},
}

// echo is a gateway that repeats the password and the signature.
func echo(t *testing.T, status int, write func(password, signature string) string) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		fields := sent(t, string(body))
		return response(status, strings.NewReader(write(fields["Password"].(string), fields["HMAC512Signature"].(string)))), nil
	}
}

func TestDetailHasNoSecret(t *testing.T) {
	for _, password := range []string{"swordfish", `s"w\o/r'd`, "Schlüssel für Größe", "a&b<c>d+e f%g", "🔑 and key", "tab\there", "four", `\\\\`, ".*+?^${}()|[]"} {
		for how, write := range echoes {
			if how == "Latin-1" && strings.Contains(password, "🔑") {
				continue // Latin-1 has none
			}
			cfg := stubbed(t, echo(t, 401, func(password, signature string) string {
				return fmt.Sprintf(`{"message": "Kennwort '%s' mit '%s' falsch, '%[1]s'"}`, write(password), write(signature))
			}))
			cfg.Password = secret.New(password)
			const want = `{"message": "Kennwort '[redacted]' mit '[redacted]' falsch, '[redacted]'"}`
			if e := failed(t, open(t, cfg), gateway.Refused); e.Detail != want {
				t.Errorf("%q, %s: %s", password, how, e.Detail)
			}
		}
	}
}

func TestDetailHasNoAPIKey(t *testing.T) {
	cfg := stubbed(t, nil)
	key := cfg.Key.Reveal()
	for how, write := range echoes {
		if how == "question marks" || how == "Latin-1" {
			continue // base64 is plain
		}
		cfg.Base = answer(401, `{"message": "Schlüssel '`+write(key)+`' gesperrt"}`)
		if e := failed(t, open(t, cfg), gateway.Refused); e.Detail != `{"message": "Schlüssel '[redacted]' gesperrt"}` {
			t.Errorf("%s: %s", how, e.Detail)
		}
	}
}

func TestDetailIsLeftOut(t *testing.T) {
	utf16le := func(s string) string {
		var b []byte
		for _, u := range utf16.Encode([]rune(s)) {
			b = append(b, byte(u), byte(u>>8))
		}
		return string(b)
	}
	for name, test := range map[string]struct {
		status   int
		password string
		body     string
	}{
		"token":         {500, "", `{"access_token":"wanted-text"}`},
		"token, upper":  {500, "", `{"ACCESS_TOKEN":"wanted-text"}`},
		"token, u":      {401, "", `{"access\u005ftoken":"wanted-text"}`},
		"token, nested": {503, "", `{"body":"{\"access_token\":\"wanted-text\"}"}`},
		"token, query":  {302, "", `https://example.org/?access%5Ftoken=wanted-text`},
		"success":       {201, "", `{"token":"wanted-text"}`},
		"UTF-16, in it": {500, "", "abcd" + utf16le("wanted-text")},
		"short":         {500, "abc", "wanted-text: abc"},
		"short umlaut":  {500, "ä", `wanted-text: \u00e4`},
		"end not seen":  {500, "", "wanted-text" + strings.Repeat(" ", 1<<20)},
		"half a secret": {500, "wanted-text-and-more", strings.Repeat(" ", 8<<10-len("wanted-text")) + "wanted-text-and-more"},
	} {
		cfg := stubbed(t, answer(test.status, test.body))
		if test.password != "" {
			cfg.Password = secret.New(test.password)
		}
		_, err := open(t, cfg).Fetch(t.Context())
		if e := err.(*gateway.TokenError); e.Detail != "" || strings.Contains(e.Error(), "wanted-text") {
			t.Errorf("%s: %s", name, e)
		}
	}
	// A short password is no reason to hide a body that does not have it.
	cfg := stubbed(t, answer(500, "wanted"))
	cfg.Password = secret.New("xyz")
	if e := failed(t, open(t, cfg), gateway.Outage); e.Detail != "wanted" {
		t.Errorf("%q", e.Detail)
	}
}

func TestDetailIsOneShortLine(t *testing.T) {
	for name, test := range map[string]struct{ body, want string }{
		"plain":     {"Der Dienst ist nicht verfügbar.", "Der Dienst ist nicht verfügbar."},
		"lines":     {"\r\n a\n\n\tb\u2028c\x1b[31md\u0085e \n", "a b c [31md e"},
		"white":     {" \n ", ""},
		"not UTF-8": {"nicht verf\xfcgbar", "nicht verfügbar"},
	} {
		if e := failed(t, open(t, stubbed(t, answer(500, test.body))), gateway.Outage); e.Detail != test.want {
			t.Errorf("%s: %q, want %q", name, e.Detail, test.want)
		}
	}
	for shift := range 4 { // the cap may fall into a rune
		body := strings.Repeat("x", shift) + strings.Repeat("ß€", 300)
		e := failed(t, open(t, stubbed(t, answer(500, body))), gateway.Outage)
		if !utf8.ValidString(e.Detail) || strings.ContainsRune(e.Detail, utf8.RuneError) {
			t.Errorf("cut into a rune: %q", e.Detail)
		}
		long := failed(t, open(t, stubbed(t, answer(500, body+strings.Repeat(" and more", 4<<10)))), gateway.Outage)
		if long.Detail != e.Detail {
			t.Errorf("of a long body %q, of a short one %q", long.Detail, e.Detail)
		}
		text, capped := strings.CutSuffix(e.Detail, "…")
		if !capped || len(text) > 300 || len(text) < 297 || !strings.HasPrefix(body, text) {
			t.Errorf("%d bytes: %q", len(text), e.Detail)
		}
	}
}
