package redact

import (
	"html"
	"strings"
	"unicode/utf8"
)

// escape reads the escape that a text may begin with, and appends what it stands for. Its size
// is 0 if it is none.
func (f folding) escape(to []byte, text string, known *names) (meant []byte, size int) {
	switch text[0] {
	case '\\':
		return f.slashed(to, text)
	case '%':
		return percent(to, text)
	case '&':
		return entity(to, text, known)
	}
	return to, 0
}

// slashed reads a run of backslashes and what it escapes: as in JSON, once or more. If
// backslashes count, the run by itself is one of them.
func (f folding) slashed(to []byte, text string) (meant []byte, size int) {
	if size = slashes(text); size == len(text) && !f.slashes {
		return to, size
	}
	rest := text[size:]
	if r, n := codepoint(rest); n > 0 {
		return utf8.AppendRune(to, r), size + n
	}
	if f.slashes {
		return append(to, '\\'), size
	}
	return append(to, rest[0]), size + 1
}

// codepoint reads what is behind a backslash: u0041, U0001F600, u{41}, x41, x{41} or octal 101. Its
// size is 0 if it is none of these. Eight digits are read for what needs them: four may come before
// others.
func codepoint(text string) (r rune, size int) {
	if len(text) < 3 {
		return 0, 0
	}
	letter := text[0] | 0x20
	if text[1] == '{' && (letter == 'u' || letter == 'x') {
		end := strings.IndexByte(text[:min(len(text), len("u{10ffff}"))], '}')
		if end < 3 {
			return 0, 0
		}
		if r, ok := hex(text[2:end]); ok {
			return r, end + 1
		}
		return 0, 0
	}
	switch {
	case isOctal(text):
		return rune(text[0]-'0')<<6 | rune(text[1]-'0')<<3 | rune(text[2]-'0'), 3
	case letter == 'u':
		size = 5
		if len(text) >= 9 && text[1:5] == "0001" {
			if _, ok := hex(text[5:9]); ok {
				size = 9
			}
		}
	case letter == 'x':
		size = 3
	}
	if size == 0 || len(text) < size {
		return 0, 0
	}
	if r, ok := hex(text[1:size]); ok {
		return r, size
	}
	return 0, 0
}

// isOctal reports whether a text begins with the three digits of a byte.
func isOctal(text string) bool {
	return len(text) >= 3 && '0' <= text[0] && text[0] <= '3' && text[1]&^7 == '0' && text[2]&^7 == '0'
}

// percent reads an octet as in a URL, of which the percent sign may be written the same
// way, once or more, or %u0041, as old servers and browsers write it.
func percent(to []byte, text string) (meant []byte, size int) {
	if len(text) < 3 {
		return to, 0
	}
	if text[1]|0x20 == 'u' {
		if len(text) >= len("%u0041") {
			if r, ok := hex(text[2:6]); ok {
				return utf8.AppendRune(to, r), len("%u0041")
			}
		}
		return to, 0
	}
	size = percents(text)
	octet, ok := hex(text[size : size+2])
	if !ok {
		return to, 0
	}
	return append(to, byte(octet)), size + 2
}

// percents returns how long the percent sign is that a text begins with. At least two bytes
// come after it.
func percents(text string) (size int) {
	size = 1
	for len(text) >= size+4 && text[size] == '2' && text[size+1] == '5' && digits[text[size+2]]|digits[text[size+3]] >= 0 {
		size += 2
	}
	return size
}

const longestName = 40 // there is no longer one in HTML

// entity reads a character as in HTML, of which the ampersand may be written the same
// way, once or more.
func entity(to []byte, text string, known *names) (meant []byte, size int) {
	size = 1
	for strings.HasPrefix(text[size:], "amp;") {
		size += len("amp;")
	}
	rest := text[size:]
	if strings.HasPrefix(rest, "#") {
		if r, n := number(rest); n > 0 {
			return utf8.AppendRune(to, r), size + n
		}
	} else if end := strings.IndexByte(rest[:min(len(rest), longestName)], ';'); end > 0 && isName(rest[:end]) {
		name := text[size-1 : size+end+1] // with an ampersand, or the semicolon of one
		if name[0] != '&' {
			name = "&" + rest[:end+1]
		}
		if meant := known.unescape(name); meant != name {
			return append(to, meant...), size + end + 1
		}
	}
	if size > 1 {
		return append(to, '&'), size
	}
	return to, 0
}

// names remembers what names of HTML stand for, a few of them: a page has the same ones again
// and again, and the table of HTML is slow, above all where it has no such name.
type names [64]struct{ name, meant string }

// unescape is html.UnescapeString for a name between an ampersand and a semicolon. The names
// remember the text.
func (n *names) unescape(name string) string {
	if n == nil {
		return html.UnescapeString(name)
	}
	hash := uint32(len(name))
	for _, c := range []byte(name) {
		hash = hash*31 + uint32(c)
	}
	known := &n[(hash^hash>>8)%uint32(len(n))]
	if known.name != name {
		known.name, known.meant = name, html.UnescapeString(name)
	}
	return known.meant
}

// number reads "#43;" or "#x2b;", with any number of digits. The semicolon may be left out
// if what follows is no digit, as browsers have it.
func number(text string) (r rune, size int) {
	digits, base := text[1:], rune(10)
	if len(digits) > 0 && digits[0]|0x20 == 'x' {
		digits, base = digits[1:], 16
	}
	for i, c := range []byte(digits) {
		d, ok := hex(digits[i : i+1])
		switch {
		case ok && d < base:
			r = min(r*base+d, utf8.MaxRune+1)
		case i == 0:
			return 0, 0
		case c == ';':
			return r, len(text) - len(digits) + i + 1
		default:
			return r, len(text) - len(digits) + i
		}
	}
	if digits == "" {
		return 0, 0
	}
	return r, len(text)
}

// digits has what hexadecimal digits stand for, and -1 for all else.
var digits = func() (table [256]int32) {
	for c := range table {
		table[c] = -1
	}
	for i := range int32(10) {
		table['0'+i] = i
	}
	for i := range int32(6) {
		table['a'+i], table['A'+i] = 10+i, 10+i
	}
	return table
}()

func hex(text string) (r rune, ok bool) {
	for _, c := range []byte(text) {
		d := digits[c]
		if d < 0 {
			return 0, false
		}
		r = r<<4 | d
	}
	return r, true
}

func isWord(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

func isName(text string) bool {
	for _, c := range []byte(text) {
		if !isWord(c) {
			return false
		}
	}
	return true
}
