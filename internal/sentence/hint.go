package sentence

import (
	"bytes"
	"strings"
)

// words are those of which each part has one, each with a letter of it that is rare.
var words = []struct {
	word  []byte
	rare  int // where in the word that letter is
	lower byte
}{
	{[]byte("kennwort"), 4, 'w'},
	{[]byte("registriert"), 2, 'g'},
	{[]byte("angemeldet"), 2, 'g'},
	{[]byte("freigeschaltet"), 4, 'g'},
	{[]byte("lizenz"), 2, 'z'},
}

// hints reports whether a text may have a sentence in it: one of the words, or an escape that
// may stand for a letter of one. To fold a page in which there is neither would be most of
// what the page costs.
func hints(text []byte) bool {
	if bytes.IndexByte(text, '\\') >= 0 || spells(text) {
		return true
	}
	for i, w := range words {
		if i > 0 && words[i-1].lower == w.lower {
			continue // looked for already
		}
		for _, letter := range [...]byte{w.lower, w.lower - 'a' + 'A'} {
			for at := 0; ; at++ {
				n := bytes.IndexByte(text[at:], letter)
				if n < 0 {
					break
				}
				if at += n; hasWordAt(text, at, w.lower) {
					return true
				}
			}
		}
	}
	return false
}

// hasWordAt reports whether one of the words has its rare letter there.
func hasWordAt(text []byte, at int, lower byte) bool {
	for _, w := range words {
		begin := at - w.rare
		if w.lower != lower || len(text) <= at+1 || text[at+1]|0x20 != w.word[w.rare+1] {
			continue
		}
		if begin >= 0 && len(text)-begin >= len(w.word) && bytes.EqualFold(text[begin:begin+len(w.word)], w.word) {
			return true
		}
	}
	return false
}

// spells reports whether a text may have an escape of HTML in it that stands for a letter, at
// once or when what others stand for is read once more. A letter is written as a number, and
// "&#" in full or as "&amp;#"; "#", ";" and a backslash have names too.
func spells(text []byte) bool {
	for at := 0; ; at++ {
		n := bytes.IndexByte(text[at:], '#')
		if n < 0 {
			break
		}
		if at += n; at > 0 && strings.IndexByte("&;pP", text[at-1]) >= 0 {
			return true
		}
	}
	return bytes.Contains(text, []byte("num;")) || bytes.Contains(text, []byte("semi;")) || bytes.Contains(text, []byte("bsol;"))
}
