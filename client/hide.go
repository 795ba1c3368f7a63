package client

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/advoware-go/advoware/store"
)

// hider takes a token out of what a server said, also where the server has escaped
// it for JSON, a URL or HTML: .NET writes a + in JSON as \u002B.
type hider struct {
	token    string
	spelling [128][]string // of each byte in it, the longest first
}

func newHider(tok store.Token) *hider {
	h := &hider{token: tok.Reveal()}
	for _, c := range []byte(h.token) { // all of it is ASCII
		switch {
		case h.spelling[c] != nil:
		case '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z':
			h.spelling[c] = []string{string(rune(c))}
		default:
			h.spelling[c] = []string{
				fmt.Sprintf(`\u00%02x`, c), fmt.Sprintf("&#x%02x;", c), fmt.Sprintf("&#%d;", c),
				fmt.Sprintf("%%%02x", c), `\` + string(rune(c)), string(rune(c)),
			}
		}
	}
	return h
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

// spelled returns how long the token at the beginning of text is, 0 if there is none.
func (h *hider) spelled(text string) int {
	rest := text
next:
	for i := range len(h.token) {
		for _, s := range h.spelling[h.token[i]] {
			if len(rest) >= len(s) && (rest[:len(s)] == s || len(s) > 2 && strings.EqualFold(rest[:len(s)], s)) {
				rest = rest[len(s):]
				continue next
			}
		}
		return 0
	}
	return len(text) - len(rest)
}
