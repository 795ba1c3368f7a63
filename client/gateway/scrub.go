package gateway

import (
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
)

const (
	maxDetail = 300
	searched  = 8 << 10 // so much of a body is looked at
	redacted  = "[redacted]"
)

// scrub returns the beginning of an error body as one line without secrets. A
// body that speaks of a token is not shown at all: there is no telling what of it
// is one. Nor is one that has a very short secret in it, since cutting that out
// everywhere would spell it, nor one in an encoding that cannot be searched. Half
// a secret cannot be found, so where the end of the body is missing nothing near
// it is shown.
func (g *Gateway) scrub(body []byte, whole bool, signature string) string {
	if len(body) > searched {
		body, whole = body[:searched], false
	}
	text := string([]rune(string(body))) // each byte that is not UTF-8 becomes a U+FFFD
	if strings.ContainsRune(text, 0) {
		return ""
	}
	for _, s := range []string{"access_token", signature, g.cfg.Password.Reveal(), g.cfg.Key.Reveal()} {
		secret, err := written(s)
		if err != nil || (s == "access_token" || len(s) < 4) && secret.MatchString(text) {
			return ""
		}
		text = secret.ReplaceAllLiteralString(text, redacted)
	}
	line := strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if !whole && len(line) < 4*maxDetail {
		return ""
	}
	if len(line) > maxDetail {
		line = strings.ToValidUTF8(line[:maxDetail], "") + "…"
	}
	return line
}

// unquoted returns err without what net/http quotes of an answer that is not HTTP:
// there is no telling what of that is a password or a token.
func unquoted(err error) error {
	text := err.Error()
	if protocol := textproto.ProtocolError(""); errors.As(err, &protocol) {
		return errors.New("malformed answer: a header that is none")
	}
	if before, _, quotes := strings.Cut(text, `"`); quotes {
		return errors.New(strings.TrimRight(before, " :"))
	}
	return err
}

// written matches s in the ways a server may write it: as it is, for JSON with
// any of it escaped (once or more), for a URL, for HTML, in a wrong encoding, and
// all that in capitals or not. It rather matches too much. A text that is too
// long for a regular expression is an error.
func written(s string) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString("(?i)")
	for _, r := range s {
		b.WriteString(`(?:`)
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, `\\+u%04x`, unit)
		}
		b.WriteString(`|\\*` + regexp.QuoteMeta(string(r)) + `|\\*&[#\w]+;|`)
		for _, octet := range []byte(string(r)) {
			fmt.Fprintf(&b, `%%(?:25)*%02x`, octet)
		}
		if i := strings.IndexRune("\b\t\n\f\r", r); i >= 0 {
			b.WriteString(`|\\+` + "btnfr"[i:i+1])
		}
		if r == ' ' {
			b.WriteString(`|\+|%(?:25)*2b`)
		}
		if r >= 0x80 {
			b.WriteString(`|[?\x{fffd}]+`)
		}
		b.WriteByte(')')
	}
	return regexp.Compile(b.String())
}
