package client

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/advoware-go/advoware/store"
)

// hider takes a token out of what a server said, also where the server has escaped
// it, once or more, for JSON, a URL or HTML: .NET writes a + in JSON as \u002B.
type hider struct {
	token    string
	spelling [128][]string // of each sign in it, apart from backslashes before it
}

func newHider(tok store.Token) *hider {
	h := &hider{token: tok.Reveal()}
	for _, c := range []byte(h.token) { // all of it is ASCII
		if h.spelling[c] != nil {
			continue
		}
		if h.spelling[c] = []string{string(rune(c))}; !isAlphanumeric(c) {
			h.spelling[c] = append(h.spelling[c], fmt.Sprintf("u%04x", c), fmt.Sprintf("&#x%02x;", c), fmt.Sprintf("&#%d;", c))
			if name, ok := htmlNames[c]; ok {
				h.spelling[c] = append(h.spelling[c], name)
			}
		}
	}
	return h
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

var htmlNames = map[byte]string{'"': "&quot;", '&': "&amp;", '<': "&lt;", '>': "&gt;", '\'': "&apos;"}

// error returns err, or, if its text has the token in it, nothing but the rest of
// the text: net/http quotes an answer that is not HTTP.
func (h *hider) error(err error) error {
	if text := h.hide(err.Error()); text != err.Error() {
		return errors.New(text)
	}
	return err
}

func (h *hider) hide(text string) string {
	const hidden = "[redacted]"
	if h.token == "" {
		return text
	}
	text = strings.ReplaceAll(text, h.token, hidden)
	var out bytes.Buffer
	for len(text) > 0 {
		if n := h.spelled(text); n > 0 {
			out.WriteString(hidden)
			text = text[n:]
		} else {
			out.WriteByte(text[0])
			text = text[1:]
		}
	}
	return out.String()
}

// hideCut is hide for a text that broke off, maybe in the middle of the token: its
// beginning is hidden at the end of the text.
func (h *hider) hideCut(text string) string {
	const (
		longest = 16 // a sign, written in whatever way
		few     = 4  // signs that give nothing away
	)
	text = h.hide(text)
	for i := range text {
		rest, ok, n := text[i:], true, 0
		for ; n < len(h.token) && ok; n++ {
			rest, ok = h.cut(rest, h.token[n])
		}
		if n > few && len(rest) < longest {
			return text[:i] + "[redacted]"
		}
	}
	return text
}

// spelled returns how long the token at the beginning of text is, 0 if there is none.
func (h *hider) spelled(text string) int {
	rest, ok := text, true
	for i := range len(h.token) {
		if rest, ok = h.cut(rest, h.token[i]); !ok {
			return 0
		}
	}
	return len(text) - len(rest)
}

// cut cuts one sign of the token off text.
func (h *hider) cut(text string, c byte) (rest string, ok bool) {
	if isAlphanumeric(c) {
		return strings.CutPrefix(text, string(rune(c)))
	}
	bare := strings.TrimLeft(text, `\`)
	if octet, ok := strings.CutPrefix(bare, "%"); ok {
		for strings.HasPrefix(octet, "25") && len(octet) >= 4 && isHex(octet[2]) && isHex(octet[3]) && c != '%' {
			octet = octet[2:]
		}
		if strings.EqualFold(octet[:min(2, len(octet))], fmt.Sprintf("%02x", c)) {
			return octet[2:], true
		}
	}
	for _, s := range h.spelling[c][1:] {
		if (s[0] != 'u' || len(bare) < len(text)) && len(bare) >= len(s) && strings.EqualFold(bare[:len(s)], s) {
			return bare[len(s):], true
		}
	}
	if c == '\\' && len(bare) < len(text) {
		return bare, true
	}
	return strings.CutPrefix(bare, string(rune(c)))
}
