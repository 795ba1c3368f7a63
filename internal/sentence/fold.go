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
func fold(text string) string {
	for range layers {
		plain := unescape(text)
		if plain == text {
			break
		}
		text = plain
	}
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
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); {
		if text[i] != '\\' {
			b.WriteByte(text[i])
			i++
			continue
		}
		for i < len(text) && text[i] == '\\' { // of JSON in JSON there are several
			i++
		}
		if i == len(text) {
			break
		}
		switch c := text[i]; {
		case c == 'u' && len(text) > i+4 && isHex(text[i+1:i+5]):
			b.WriteString(unit(text[i+1 : i+5]))
			i += 5
		case strings.IndexByte("bfnrt", c) >= 0:
			b.WriteByte(' ')
			i++
		default:
			b.WriteByte(c)
			i++
		}
	}
	return html.UnescapeString(b.String())
}

// unit returns what four hexadecimal digits stand for. A half of a pair is as good as any
// other sign that is not ASCII.
func unit(digits string) string {
	r := rune(0)
	for _, c := range []byte(digits) {
		d := rune(c | 0x20)
		if d >= 'a' {
			d -= 'a' - 10
		} else {
			d = rune(c) - '0'
		}
		r = r<<4 | d
	}
	return string(utf8.AppendRune(nil, r))
}

func isHex(digits string) bool {
	for _, c := range []byte(digits) {
		if !('0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f') {
			return false
		}
	}
	return true
}
