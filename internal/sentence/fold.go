package sentence

import (
	"html"
	"strings"
	"unicode/utf8"
)

// wall stands in a folded text where one JSON string ends and another begins: no sentence
// goes on there.
const wall = '|'

// layers is how often escapes are looked for in what others stand for: JSON in JSON in HTML.
const layers = 3

// cdata begins text that stands in XML as it is.
const cdata = "<![CDATA["

// fold returns the words of a text in lower case with one space between them, a wall between
// JSON strings, and without tags and names of JSON fields. What is not an ASCII letter or
// digit is as good as a space, since it may have been lost or replaced on the way.
func fold(text string) string { return foldPlain(unescaped(text)) }

// unescaped returns a text with what its escapes stand for.
func unescaped(text string) string {
	for range layers {
		plain := unescape(text)
		if plain == text {
			break
		}
		text = plain
	}
	return text
}

// foldPlain is fold for a text that is unescaped.
func foldPlain(text string) string {
	out := make([]byte, 0, len(text))
	begun := 0 // where the string began that is being read
	lastEnd := strings.LastIndexByte(text, '>')
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '<' && strings.HasPrefix(text[i:], cdata):
			i += len(cdata) - 1
			out = space(out)
		case c == '<' && i < lastEnd && opensTag(text[i+1]):
			i += strings.IndexByte(text[i:], '>')
			out = space(out)
		case c == '"':
			if isName(text[i+1:]) {
				out = out[:begun]
			}
			out = append(out, wall)
			begun = len(out)
		case 'A' <= c && c <= 'Z':
			out = append(out, c|0x20)
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			out = append(out, c)
		default:
			out = space(out)
		}
	}
	return string(out)
}

// foldSent folds what a caller sent, in which nothing is a tag or a name of a field.
func foldSent(sent []string) string {
	return fold(strings.NewReplacer(`"`, " ", "<", " ", ">", " ", `\`, " ").Replace(strings.Join(sent, " ")))
}

func space(out []byte) []byte {
	if n := len(out); n == 0 || out[n-1] == ' ' || out[n-1] == wall {
		return out
	}
	return append(out, ' ')
}

func opensTag(c byte) bool {
	return c == '/' || c == '!' || c == '?' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// isName reports whether a JSON string that has just ended is the name of a field.
func isName(rest string) bool {
	for i := 0; i < len(rest) && i < 16; i++ {
		switch rest[i] {
		case ' ', '\t', '\r', '\n':
		case ':':
			return true
		default:
			return false
		}
	}
	return false
}

// unescape replaces what JSON and HTML escape.
func unescape(text string) string {
	if strings.IndexByte(text, '\\') < 0 {
		return html.UnescapeString(text)
	}
	out, size := make([]byte, len(text)), 0 // nothing is longer than what stands for it
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' {
			for i < len(text) && text[i] == '\\' { // of JSON in JSON there are several
				i++
			}
			if i == len(text) {
				break
			}
			switch c = text[i]; c {
			case 'u':
				if r, ok := unit(text[i+1:]); ok && r < utf8.RuneSelf {
					c, i = byte(r), i+4
				} else if ok {
					size += utf8.EncodeRune(out[size:], r)
					i += 4
					continue
				}
			case 'b', 'f', 'n', 'r', 't':
				c = ' '
			}
		}
		out[size] = c
		size++
	}
	return html.UnescapeString(string(out[:size]))
}

// unit returns what four hexadecimal digits stand for. A half of a pair is as good as any
// other sign that is not ASCII.
func unit(digits string) (r rune, ok bool) {
	if len(digits) < 4 {
		return 0, false
	}
	r = hex[digits[0]]<<12 | hex[digits[1]]<<8 | hex[digits[2]]<<4 | hex[digits[3]]
	return r, r >= 0
}

// hex has what hexadecimal digits stand for, and -1 for all else.
var hex = func() (table [256]rune) {
	for c := range table {
		table[c] = -1
	}
	for i, c := range "0123456789abcdef" {
		table[c] = rune(i)
	}
	for i, c := range "ABCDEF" {
		table[c] = rune(10 + i)
	}
	return table
}()
