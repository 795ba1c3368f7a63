package redact

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// Encoded returns a Secret that is hidden in hex and in base64 too, in one piece, alone or together
// with what is before and after it: in a header, say. It is not for a text that [Secret.Restore] is
// to undo.
func (s *Secret) Encoded() *Secret {
	encoded := &Secret{secret: s.secret, fold: s.fold, anchor: s.anchor, rare: s.rare, encoded: true}
	if s.also != nil {
		encoded.also = s.also.Encoded()
	}
	return encoded
}

// inCode has the digits of hex and of both alphabets of base64.
var inCode = func() (table [256]bool) {
	for c := range table {
		table[c] = isWord(byte(c)) || strings.IndexByte("+/-_", byte(c)) >= 0
	}
	return table
}()

// codes returns where in a text the secret is in hex or base64, in no order. If the text broke off,
// a beginning at its end counts. Nearly no text has so many digits in one piece, and to see that it
// is enough to look at one byte in so many.
func (s *Secret) codes(text string, cut bool) (found []span) {
	if len(s.secret) < longEnough {
		return nil
	}
	least := len(s.secret)*4/3 - 1 // of base64, without digits that have bits of something else
	for at := least - 1; at < len(text); at += least {
		if !inCode[text[at]] {
			continue
		}
		begin := at
		for begin > 0 && inCode[text[begin-1]] {
			begin--
		}
		for at < len(text) && inCode[text[at]] {
			at++
		}
		if at-begin >= least {
			found = append(found, s.codesIn(text[begin:at], begin, false)...)
		}
	}
	if last := len(text) - len(strings.TrimRightFunc(text, func(r rune) bool { return r < 0x80 && inCode[r] })); cut && last > 0 {
		found = append(found, s.codesIn(text[len(text)-last:], len(text)-last, true)...)
	}
	return found
}

// codesIn is codes for a part that has nothing but digits, and begins there.
func (s *Secret) codesIn(digits string, there int, cut bool) (found []span) {
	search := func(text, code string) {
		all := exactly(nil, text, code, 0)
		if n := overlap(text, code); cut && n >= longEnough {
			all = append(all, span{len(text) - n, len(text)})
		}
		for _, at := range all { // the digits beside it may have bits of it
			found = append(found, span{there + max(0, at.begin-1), there + min(len(digits), at.end+1)})
		}
	}
	search(strings.ToLower(digits), fmt.Sprintf("%x", s.secret))
	plain := strings.NewReplacer("-", "+", "_", "/").Replace(digits) // the alphabet of URLs
	for before := range 3 {
		search(plain, ofBytes(s.secret, before))
	}
	return found
}

// ofBytes returns a text in base64 behind so many bytes, without the digits that have bits of
// something else: of what is before it, or after it.
func ofBytes(text string, before int) string {
	code := base64.RawStdEncoding.EncodeToString([]byte("\x00\x00"[:before] + text))
	return code[(8*before+5)/6 : (before+len(text))*8/6]
}
