package redact

import "strings"

// absent reports that the secret is not in a text, without a look at each byte: its
// longest word is not, nor is there an escape for a letter or a digit.
func (s *Secret) absent(text string) bool {
	return s.anchor != "" && !s.hasAnchor(text) && !spellsWords(text)
}

// rarest are bytes that words of a token have in them and other text seldom has.
const rarest = "QXYJZqVxKWjyU"

// rarely returns where in a word a byte is that other text seldom has.
func rarely(word string) int {
	for i := range len(rarest) {
		if at := strings.IndexByte(word, rarest[i]); at >= 0 {
			return at
		}
	}
	return 0
}

// hasAnchor reports whether the anchor is in a text. It looks for its rarest byte; where that
// is often without the rest, for all of it.
func (s *Secret) hasAnchor(text string) bool {
	at := 0
	for range 4 + len(text)/(32+len(s.anchor)) {
		n := strings.IndexByte(text[at:], s.anchor[s.rare])
		if n < 0 {
			return false
		}
		at += n
		if begin := at - s.rare; begin >= 0 && strings.HasPrefix(text[begin:], s.anchor) {
			return true
		}
		at++
	}
	return index(text[max(0, at-s.rare):], s.anchor) >= 0
}

// spellsWords reports whether a text has an escape that stands for a letter, a digit,
// or what another escape is made of.
func spellsWords(text string) bool {
	return spells(text, '\\') || spells(text, '%') || spells(text, '&')
}

// spells is spellsWords for the escapes that begin with a sign.
func spells(text string, sign byte) bool {
	for at, near := 0, 0; ; {
		for end := min(at+near, len(text)); at < end && text[at] != sign; {
			at++
		}
		if at == len(text) || text[at] != sign {
			n := strings.IndexByte(text[at:], sign)
			if n < 0 {
				return false
			}
			at += n
			near = 0
			if n < nearby { // so may be the next one
				near = nearby
			}
		}
		if !begins(text[at:]) {
			at++
			continue
		}
		var room [16]byte
		meant, size := decoded(room[:0], text[at:])
		at += max(1, size)
		for _, c := range meant {
			if isWord(c) || strings.IndexByte(`\%#;`, c) >= 0 || c == '&' && strings.HasPrefix(text[at:], "#") {
				return true
			}
		}
	}
}

// begins reports whether a text may begin with an escape for a word, as far as two bytes tell.
func begins(text string) bool {
	if len(text) < 3 {
		return true
	}
	switch text[0] {
	case '%':
		return digits[text[1]]|digits[text[2]] >= 0 || text[1]|0x20 == 'u'
	case '&':
		switch text[1] {
		case '#':
			return true
		case 'a':
			return text[2] == 'm'
		case 'b':
			return text[2] == 's'
		case 'n':
			return text[2] == 'u'
		case 'p', 's':
			return text[2] == 'e'
		}
		return false
	}
	return true
}

// decoded reads an escape as far as it may be one for a word. A backslash before a
// letter that is no escape of JSON's is none: nobody writes a letter so.
func decoded(to []byte, text string) (meant []byte, size int) {
	switch text[0] {
	case '%':
		return percent(to, text)
	case '&':
		return entityOfWord(to, text)
	}
	run := len(text) - len(strings.TrimLeft(text, `\`))
	if run == len(text) || text[run]|0x20 != 'u' && text[run]|0x20 != 'x' && !isOctal(text[run:]) {
		return nil, run
	}
	meant, size = folding{}.slashed(to, text[run-1:])
	if size == 2 {
		meant = nil
	}
	return meant, run - 1 + size
}

// entityOfWord is entity without a look at the names of HTML: of these, only a few mean
// something that another escape is made of.
func entityOfWord(to []byte, text string) (meant []byte, size int) {
	size = 1
	for strings.HasPrefix(text[size:], "amp;") {
		size += len("amp;")
	}
	if rest := text[size:]; len(rest) > 0 {
		name := ""
		switch rest[0] {
		case '#':
			return entity(to, text, nil)
		case 'a':
			name = "amp"
		case 'b':
			name = "bsol;"
		case 'n':
			name = "num;"
		case 'p':
			name = "percnt;"
		case 's':
			name = "semi;"
		}
		if name != "" && strings.HasPrefix(rest, name) {
			return entity(to, text, nil)
		}
	}
	if size > 1 {
		return append(to, '&'), size
	}
	return nil, 0
}

// longestWord returns the first of the longest runs of letters and digits.
func longestWord(secret string) (word string) {
	for i := 0; i+len(word) < len(secret); {
		end := i + len(word) // a longer one has to go beyond it: look there first
		for end >= i && isWord(secret[end]) {
			end--
		}
		if end >= i {
			i = end + 1
			continue
		}
		end = i + len(word) + 1
		for end < len(secret) && isWord(secret[end]) {
			end++
		}
		word, i = secret[i:end], end+1
	}
	return word
}
