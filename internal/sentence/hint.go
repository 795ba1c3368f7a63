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

// before has the letters that are in front of the rare ones.
var before = func() (table [256]bool) {
	for _, w := range words {
		c := w.word[w.rare-1]
		table[c], table[c-'a'+'A'] = true, true
	}
	return table
}()

// escapes reports whether a text may have an escape in it that stands for a letter of a word.
func escapes(text []byte) bool { return bytes.IndexByte(text, '\\') >= 0 || spells(text) }

// hasWord reports whether one of the words is in a text. To fold a page in which there is none
// would be most of what the page costs.
func hasWord(text []byte) bool {
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
	if at == 0 || !before[text[at-1]] { // of most pages this is all that is done
		return false
	}
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
	for at := 0; ; at++ {
		n := bytes.IndexByte(text[at:], ';')
		if n < 0 {
			return false
		}
		if at += n; endsInSign(text[:at]) {
			return true
		}
	}
}

// endsInSign reports whether a text ends in the name of a sign that begins an escape or is in one.
func endsInSign(text []byte) bool {
	if len(text) == 0 {
		return false
	}
	switch text[len(text)-1] { // nearly no name gets further
	case 'm':
		return bytes.HasSuffix(text, []byte("num"))
	case 'i':
		return bytes.HasSuffix(text, []byte("semi"))
	case 'l':
		return bytes.HasSuffix(text, []byte("bsol"))
	}
	return false
}
