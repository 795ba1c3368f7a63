package leaktest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Find reports whether one of the secrets stands in text in one of its [Forms],
// and returns that form. Letter case makes no difference. It panics if a secret
// is empty or there is none: such a test could not fail.
func Find(text string, secrets ...string) (form string, found bool) {
	return find(text, folded(secrets))
}

func find(text string, forms []string) (string, bool) {
	text = strings.ToLower(text)
	for _, form := range forms {
		if strings.Contains(text, form) {
			return form, true
		}
	}
	return "", false
}

// folded returns the forms of all secrets in lower case.
func folded(secrets []string) []string {
	if len(secrets) == 0 {
		panic("leaktest: no secret to look for")
	}
	var forms []string
	for _, secret := range secrets {
		for _, form := range Forms(secret) {
			forms = append(forms, strings.ToLower(form))
		}
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// Forms returns the ways in which secret may be written, each once: plain; with
// the escapes of JSON, Go and XML, also two on top of each other, as when a log
// quotes a body; URL-escaped; and its bytes in hex, in base64, also from amid a
// longer text, and one by one as fmt and JSON list bytes. Hex and escapes may be in the other
// letter case. A secret for a test has eight bytes or more, or its forms are found by
// coincidence. It panics if secret is empty.
func Forms(secret string) []string {
	if secret == "" {
		panic("leaktest: an empty secret is in every text")
	}
	raw := []byte(secret)
	forms := []string{
		xmlEscaped(secret),
		url.QueryEscape(secret),
		url.PathEscape(secret),
		(&url.URL{Path: secret}).EscapedPath(),
		url.UserPassword("", secret).String()[1:],
		hex.EncodeToString(raw),
	}
	for _, once := range escapes {
		for _, twice := range escapes {
			forms = append(forms, twice(once(secret)))
		}
	}
	for _, list := range []struct{ verb, sep string }{
		{"%b", " "}, {"%c", " "}, {"%d", " "}, {"%o", " "}, {"%#o", " "}, {"%O", " "}, {"%U", " "},
		{"%02x", " "}, {"%#02x", " "}, {"%#v", ", "}, {"%d", ","},
	} {
		var bytes []string
		for _, b := range raw {
			bytes = append(bytes, fmt.Sprintf(list.verb, b))
		}
		forms = append(forms, strings.Join(bytes, list.sep))
	}
	forms = append(forms, base64Forms(raw)...)
	slices.Sort(forms)
	return slices.Compact(forms)
}

// escapes are the ways to write a string between quotes; the first is to change
// nothing.
var escapes = []func(string) string{
	func(s string) string { return s },
	func(s string) string { return unquoted(strconv.Quote(s)) },
	func(s string) string { return unquoted(strconv.QuoteToASCII(s)) },
	func(s string) string { return jsonEscaped(s, true) },
	func(s string) string { return jsonEscaped(s, false) },
}

func unquoted(s string) string { return s[1 : len(s)-1] }

func jsonEscaped(s string, html bool) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(html)
	_ = enc.Encode(s) // a string is always written
	return unquoted(strings.TrimSuffix(b.String(), "\n"))
}

func xmlEscaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

// shortestCore is the length from which a piece of base64 is no coincidence.
const shortestCore = 8

// base64Forms returns raw in base64, and what of it is always there when raw is
// part of something longer: "user:password" in a header, say. That depends on
// where in a group of three bytes raw begins.
func base64Forms(raw []byte) []string {
	var forms []string
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		forms = append(forms, enc.EncodeToString(raw)) // padding is only added to that
		for before := range 3 {
			text := enc.EncodeToString(slices.Concat(make([]byte, before), raw))
			first := (8*before + 5) / 6        // the first character of raw's bits alone
			end := 8 * (before + len(raw)) / 6 // the last one may share its bits with what follows
			if end-first >= shortestCore {
				forms = append(forms, text[first:end])
			}
		}
	}
	return forms
}
