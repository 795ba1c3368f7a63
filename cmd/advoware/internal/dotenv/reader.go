package dotenv

import (
	"errors"
	"strings"
)

// reader reads one statement after the other.
type reader struct {
	rest   string
	line   int // of the statement
	vars   map[string]string
	getenv func(string) string
}

const space = " \t"

// statement reads a variable, a comment or an empty line, and the line end behind it.
func (r *reader) statement() error {
	line, _, _ := strings.Cut(r.rest, "\n")
	if text := strings.Trim(line, space); text == "" || text[0] == '#' {
		r.take(len(line) + 1)
		return nil
	}
	name, _, ok := strings.Cut(line, "=")
	if !ok {
		return errors.New("has no =: a variable is NAME=value, and a value of several lines is in quotes")
	}
	start := len(name) + 1
	name = strings.Trim(name, space)
	if after, ok := strings.CutPrefix(name, "export"); ok && after != strings.TrimLeft(after, space) {
		name = strings.TrimLeft(after, space)
	}
	if !isName(name) {
		return errors.New("has no name before the =: one has letters, digits and _ only")
	}
	value := strings.TrimLeft(r.rest[start:], space)
	start = len(r.rest) - len(value)
	text, length, err := r.value(value)
	if err != nil {
		return errors.New("the value of " + name + " " + err.Error())
	}
	if strings.ContainsRune(text, 0) {
		return errors.New("the value of " + name + " has a NUL in it")
	}
	r.vars[name] = text
	r.take(start + length)
	return nil
}

// take goes on behind n bytes, and counts their lines.
func (r *reader) take(n int) {
	n = min(n, len(r.rest))
	r.line += strings.Count(r.rest[:n], "\n")
	r.rest = r.rest[n:]
}

func isName(s string) bool {
	for i, c := range s {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// value returns the value that s begins with, and its length with the line end.
func (r *reader) value(s string) (text string, length int, err error) {
	var end int
	switch {
	case strings.HasPrefix(s, "'"):
		text, end, err = single(s)
	case strings.HasPrefix(s, `"`):
		text, end, err = r.double(s)
	default:
		line, _, _ := strings.Cut(s, "\n")
		if strings.HasPrefix(line, "#") && r.rest[len(r.rest)-len(s)-1] == '=' {
			return "", 0, errors.New("begins with a #, which some programs read as a comment: put it in single quotes")
		}
		if text, err = r.expand(bare(line)); err != nil {
			return "", 0, err
		}
		return text, len(line) + 1, nil
	}
	if err != nil {
		return "", 0, err
	}
	after, _, _ := strings.Cut(s[end:], "\n")
	if rest := strings.TrimLeft(after, space); rest != "" && (rest[0] != '#' || rest == after) {
		return "", 0, errors.New("goes on behind the closing quote: a quote within it is written " + `'\'' in single, \" in double quotes`)
	}
	return text, end + len(after) + 1, nil
}

// bare returns a value without quotes: without a comment, which begins with a space and #.
func bare(line string) string {
	if strings.HasPrefix(line, "#") {
		return ""
	}
	for _, mark := range []string{" #", "\t#"} {
		line, _, _ = strings.Cut(line, mark)
	}
	return strings.Trim(line, space)
}

var errOpen = errors.New("has no closing quote")

// single reads a value in single quotes, where '\” is a quote.
func single(s string) (text string, end int, err error) {
	const quote = `'\''`
	for at := 1; ; {
		n := strings.IndexByte(s[at:], '\'')
		if n < 0 {
			return "", 0, errOpen
		}
		text += s[at : at+n]
		at += n
		if !strings.HasPrefix(s[at:], quote) {
			return text, at + 1, nil
		}
		text, at = text+"'", at+len(quote)
	}
}

// double reads a value in double quotes.
func (r *reader) double(s string) (text string, end int, err error) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			text, err = r.expand(s[1:i], escapes)
			return text, i + 1, err
		}
	}
	return "", 0, errOpen
}

// escapes are what stands behind a backslash in double quotes, and what it means.
var escapes = map[byte]string{'n': "\n", 'r': "\r", 't': "\t", '"': `"`, '\\': `\`, '$': "$", '`': "`", '\n': ""}

// expand replaces what a backslash begins, if there are escapes, and ${NAME}.
func (r *reader) expand(s string, escaped ...map[byte]string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && len(escaped) > 0 && i+1 < len(s):
			i++
			text, ok := escaped[0][s[i]]
			if !ok {
				text = s[i-1 : i+1]
			}
			b.WriteString(text)
		case s[i] == '$':
			name, _, ok := strings.Cut(strings.TrimPrefix(s[i+1:], "{"), "}")
			if !ok || !strings.HasPrefix(s[i+1:], "{") || !isName(name) {
				return "", errors.New("has a $, which some programs replace: put it in single quotes")
			}
			text, ok := r.vars[name]
			if !ok {
				text = r.getenv(name)
			}
			if text == "" {
				return "", errors.New("has a ${} of a variable that is not set before: put it in single quotes if that is meant as it is written")
			}
			b.WriteString(text)
			i += len("{}") + len(name)
			if b.Len() > MaxSize {
				return "", errors.New("is too long")
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), nil
}
