package redact

import "strings"

// less is a text without some of its bytes, and where in it those that are left, and its end, are.
type less struct {
	text []byte
	from []int
}

func (l *less) keep(c byte, at int) { l.text, l.from = append(l.text, c), append(l.from, at) }

// origin returns where in the whole text a span is.
func (l *less) origin(s span) span { return span{l.from[s.begin], l.from[s.end]} }

// printable reads a text as quoted-printable, the encoding of MIME, where it has any of that; if it
// broke off, without the half of an escape at its end. An equals sign is too common for it to be one
// of the escapes that are looked for everywhere: what follows one in a query would be taken apart.
func printable(text string, cut bool) *less {
	whole := text
	if at := strings.LastIndexByte(text, '='); cut && at >= 0 &&
		(strings.Trim(text[at+1:], "\r \t\\r") == "" || at == len(text)-2 && digits[text[at+1]] >= 0) {
		text = text[:at]
	}
	at := quoted(text, 0)
	if at == len(text) && len(text) == len(whole) {
		return nil
	}
	l := &less{make([]byte, 0, len(text)), make([]int, 0, len(text)+1)}
	for begin := 0; ; at = quoted(text, begin) {
		for ; begin < at; begin++ {
			l.keep(text[begin], begin)
		}
		if at == len(text) {
			l.from = append(l.from, len(whole))
			return l
		}
		if n := softBreak(text[at:]); n > 0 {
			begin += n
			continue
		}
		c, _ := hex(text[at+1 : at+3])
		l.keep(byte(c), at)
		begin += 3
	}
}

// quoted returns where the next escape of quoted-printable is, from there on, the end of the text if
// there is none.
func quoted(text string, at int) int {
	for {
		n := strings.IndexByte(text[at:], '=')
		if n < 0 || at+n+1 == len(text) {
			return len(text)
		}
		at += n + 1
		switch c := text[at]; { // nearly always neither
		case digits[c] >= 0:
			if at+1 < len(text) && digits[text[at+1]] >= 0 {
				return at - 1
			}
		case c <= ' ' || c == '\\':
			if softBreak(text[at-1:]) > 0 {
				return at - 1
			}
		}
	}
}

// softBreak returns how long the end of a line is that does not count, 0 if a text does not begin
// with one.
func softBreak(text string) int {
	blanks := len(text[1:]) - len(strings.TrimLeft(text[1:], " \t"))
	if n := lineEnd(text[1+blanks:]); n > 0 {
		return 1 + blanks + n
	}
	return 0
}

// lineEnd returns how long the end of a line is that a text begins with, as it is or escaped as in
// JSON, 0 if there is none.
func lineEnd(text string) int {
	escaped := func(at int, letter byte) int { // at the end of \n or \r, 0 if it is not there
		n := at + slashes(text[at:])
		if n == at || n == len(text) || text[n] != letter {
			return 0
		}
		return n + 1
	}
	switch {
	case strings.HasPrefix(text, "\r\n"):
		return 2
	case strings.HasPrefix(text, "\n"), strings.HasPrefix(text, "\r"):
		return 1
	}
	if n := escaped(0, 'r'); n > 0 {
		return max(n, escaped(n, 'n'))
	}
	return escaped(0, 'n')
}

// slashes returns how many backslashes a text begins with.
func slashes(text string) int { return len(text) - len(strings.TrimLeft(text, `\`)) }

// joinedLines returns a text without the ends of its lines and without blanks, nil if it has none.
func joinedLines(text string) *less {
	if !strings.ContainsAny(text, "\r\n \t"+escapes) {
		return nil
	}
	l := &less{make([]byte, 0, len(text)), make([]int, 0, len(text)+1)}
	for at, space := 0, "\r\n"; at < len(text); { // an escaped blank is one where a line begins: elsewhere it may be a plus sign
		if n := max(lineEnd(text[at:]), escapedSpace(text[at:], space)); n > 0 || text[at] == ' ' || text[at] == '\t' {
			at, space = at+max(n, 1), "\r\n \t"
			continue
		}
		for end := at + max(1, slashes(text[at:])); at < end; at, space = at+1, "\r\n" { // all backslashes of a run at once
			l.keep(text[at], at)
		}
	}
	l.from = append(l.from, len(text))
	return l
}

// escapedSpace returns how long the escape of such a space is, other than those of JSON for the end of a
// line, 0 if a text does not begin with one.
func escapedSpace(text, space string) int {
	var room [16]byte
	meant, n := folding{}.escape(room[:0], text, nil)
	if len(meant) == 1 && (strings.IndexByte(space, meant[0]) >= 0 || text[n-1] == 't' && strings.HasSuffix(space, "\t")) { // \t, as in JSON
		return n
	}
	return 0
}
