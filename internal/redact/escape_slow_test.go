package redact_test

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The escapes as the slow search reads them.

var (
	behindSlash     = regexp.MustCompile(`^(?:[uUxX]\{([[:xdigit:]]{1,6})\}|[uU](0001[[:xdigit:]]{4})|[uU]([[:xdigit:]]{4})|[xX]([[:xdigit:]]{2}))`)
	quotedPrintable = regexp.MustCompile(`=(?:[ \t]*(?:\r\n|\n|\r|\\+r\\+n|\\+r|\\+n)|[[:xdigit:]]{2})`)
	halfQuoted      = regexp.MustCompile(`=(?:[\r \t\\r]*|[[:xdigit:]])$`)
	octal           = regexp.MustCompile(`^[0-3][0-7]{2}`)
	oldURL          = regexp.MustCompile(`^%[uU][[:xdigit:]]{4}`)
)

// slashed reads a run of backslashes and what it escapes: as in JSON, once or more. If
// backslashes count, the run by itself is one of them.
func (f folding) slashed(text string) (meant []byte, size int) {
	for size < len(text) && text[size] == '\\' {
		size++
	}
	if size == len(text) && !f.slashes {
		return nil, size
	}
	rest := text[size:]
	if r, n := codepoint(rest); n > 0 {
		return utf8.AppendRune(nil, r), size + n
	}
	if f.slashes {
		return []byte{'\\'}, size
	}
	return []byte{rest[0]}, size + 1
}

// codepoint reads what is behind a backslash: u0041, U0001F600, u{41}, x41, x{41} or octal 101.
func codepoint(text string) (r rune, size int) {
	if digits := octal.FindString(text); digits != "" {
		n, _ := strconv.ParseInt(digits, 8, 32)
		return rune(n), len(digits)
	}
	form := behindSlash.FindStringSubmatch(text)
	if form == nil {
		return 0, 0
	}
	r, _ = hex(form[1] + form[2] + form[3] + form[4])
	return r, len(form[0])
}

// percent reads an octet as in a URL, of which the percent sign may be written the same
// way, once or more, or %u0041.
func percent(text string) (meant []byte, size int) {
	if form := oldURL.FindString(text); form != "" {
		r, _ := hex(form[2:])
		return utf8.AppendRune(nil, r), len(form)
	}
	size = 1
	for strings.HasPrefix(text[size:], "25") && len(text) >= size+4 && isHex(text[size+2]) && isHex(text[size+3]) {
		size += 2
	}
	if len(text) < size+2 {
		return nil, 0
	}
	octet, ok := hex(text[size : size+2])
	if !ok {
		return nil, 0
	}
	return []byte{byte(octet)}, size + 2
}

const longestName = 40 // there is no longer one in HTML

// entity reads a character as in HTML, of which the ampersand may be written the same
// way, once or more.
func entity(text string) (meant []byte, size int) {
	size = 1
	for strings.HasPrefix(text[size:], "amp;") {
		size += len("amp;")
	}
	rest := text[size:]
	if strings.HasPrefix(rest, "#") {
		if r, n := number(rest); n > 0 {
			return utf8.AppendRune(nil, r), size + n
		}
	} else if end := strings.IndexByte(rest[:min(len(rest), longestName)], ';'); end > 0 && isName(rest[:end]) {
		name := "&" + rest[:end+1]
		if meant := html.UnescapeString(name); meant != name {
			return []byte(meant), size + end + 1
		}
	}
	if size > 1 {
		return []byte{'&'}, size
	}
	return nil, 0
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

func hex(digits string) (r rune, ok bool) {
	for _, c := range []byte(digits) {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
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
