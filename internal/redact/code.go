package redact

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf16"
)

// Encoded returns a Secret that is hidden in hex and in base64 too, alone or together with what is
// before and after it: in a header, say. The digits may be escaped, and in lines, the hex have hyphens
// between its bytes, and what is encoded be UTF-16. It is not for a text that [Secret.Restore] is to
// undo.
func (s *Secret) Encoded() *Secret {
	encoded := &Secret{secret: s.secret, fold: s.fold, anchor: s.anchor, rare: s.rare, encoded: true}
	if s.also != nil {
		encoded.also = s.also.Encoded()
	}
	return encoded
}

// inCode has the digits of hex and of both alphabets of base64, what they are escaped with, and the
// ends of lines.
var inCode = func() (table [256]bool) {
	for c := range table {
		table[c] = isWord(byte(c)) || strings.IndexByte("+/-_\\%&#;\r\n", byte(c)) >= 0
	}
	return table
}()

// codes are the forms of a secret that views have in them where it is encoded.
type codes struct{ hex, base64 []string }

// ofURL makes the base64 of URLs the usual one, as a view has it: see folding.byte.
var ofURL = strings.NewReplacer("-", " ", "_", "/", "+", " ")

func newCodes(secret string) (c codes) {
	wide, narrow := []byte(nil), []byte(nil) // of UTF-16, with the lower byte first, and last
	for _, unit := range utf16.Encode([]rune(secret)) {
		wide, narrow = append(wide, byte(unit), byte(unit>>8)), append(narrow, byte(unit>>8), byte(unit))
	}
	for _, text := range []string{secret, string(wide), string(narrow)} {
		c.hex = append(c.hex, fmt.Sprintf("%x", text), strings.ReplaceAll(fmt.Sprintf("% x", text), " ", "-"))
		for before := range 3 {
			c.base64 = append(c.base64, ofURL.Replace(ofBytes(text, before)))
		}
	}
	return c
}

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

// codesIn is codes for a part that has nothing but digits, escapes and ends of lines, and begins
// there.
func (s *Secret) codesIn(part string, there int, cut bool) (found []span) {
	s.coding.Do(func() { s.forms = newCodes(s.secret) })
	lines, digits := joinedLines(part), part
	if lines != nil {
		digits = string(lines.text)
	}
	v := folding{}.begin()
	defer v.end()
	v.each(digits, func(view string) {
		var at []span
		search := func(text string, forms []string) {
			for _, form := range forms {
				all := exactly(nil, text, form, 0)
				if cut {
					if n := overlap(text, form); n >= longEnough {
						all = append(all, span{len(text) - n, len(text)})
					}
				}
				for _, one := range all { // the digits beside it may have bits of it
					at = append(at, span{max(0, one.begin-1), min(len(text), one.end+1)})
				}
			}
		}
		search(strings.ToLower(view), s.forms.hex)
		search(ofURL.Replace(view), s.forms.base64)
		for _, one := range (&Secret{}).located(digits, v, at) {
			if lines != nil {
				one = lines.origin(one)
			}
			found = append(found, span{there + one.begin, there + one.end})
		}
	})
	return found
}

// ofBytes returns a text in base64 behind so many bytes, without the digits that have bits of
// something else: of what is before it, or after it.
func ofBytes(text string, before int) string {
	code := base64.RawStdEncoding.EncodeToString([]byte("\x00\x00"[:before] + text))
	return code[(8*before+5)/6 : (before+len(text))*8/6]
}
