package gateway_test

import (
	"net/http"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/secret"
)

// encodings are how a Windows service may write.
var encodings = map[string]struct {
	contentType string
	write       func(string) string
}{
	"Windows-1252":      {"text/plain; charset=windows-1252", latin1},
	"ISO 8859-1":        {"application/json;charset=iso-8859-1", latin1},
	"unnamed":           {"application/json", latin1},
	"named wrongly":     {"application/json; charset=utf-8", latin1},
	"UTF-16":            {"text/plain; charset=utf-16", func(s string) string { return le16("", s) }},
	"UTF-16, marked":    {"text/plain", func(s string) string { return le16("\xff\xfe", s) }},
	"UTF-8, marked":     {"text/plain", func(s string) string { return "\xef\xbb\xbf" + s }},
	"UTF-8, misnamed":   {"text/plain; charset=windows-1252", func(s string) string { return s }},
	"nobody knows that": {"text/plain; charset=klingon", latin1},
}

func latin1(s string) string {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

func le16(mark, s string) string {
	b := []byte(mark)
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

func written(status int, contentType, body string) roundTripper {
	return func(*http.Request) (*http.Response, error) {
		resp := response(status, strings.NewReader(body))
		resp.Header = http.Header{"Content-Type": {contentType}}
		return resp, nil
	}
}

// What the gateway says arrives as it was meant, without the password, and a token in any
// of them is one.
func TestCharacterSets(t *testing.T) {
	const password = "Schlüssel-Straße"
	for name, e := range encodings {
		cfg := stubbed(t, written(403, e.contentType, e.write("Benutzer / Kennwort ungültig: "+password)))
		cfg.Password = secret.New(password)
		if got := failed(t, open(t, cfg), gateway.Refused); got.Detail != "Benutzer / Kennwort ungültig: [redacted]" {
			t.Errorf("%s: %q", name, got.Detail)
		}
		cfg.Base = written(200, e.contentType, e.write(`{"user":"Müller","access_token":"token"}`))
		if tok := fetch(t, open(t, cfg)); tok.Reveal() != "token" {
			t.Errorf("%s: a token %v", name, tok)
		}
	}
}
