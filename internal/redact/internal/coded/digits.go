package coded

import "strings"

// Digits are bytes that what is written down has in it.
type Digits [256]bool

var (
	// Base64 has the digits of both alphabets of base64, what they are escaped with, and the ends of lines.
	Base64 = tableOf("+/-_\\%&#;\r\n", alphanumeric)

	// token has what a token has besides (RFC 6750).
	token = tableOf("+/-_.~\\%&#;\r\n", alphanumeric)

	// Numbers has the digits of hex, what is between numbers, and what that is escaped with.
	Numbers = tableOf("xXnrtu,:;-._+\\%&# \t\r\n", func(c byte) bool { return digit(c) >= 0 })
)

func alphanumeric(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' }

// tableOf has the bytes of a text, and those that is reports.
func tableOf(text string, is func(c byte) bool) (table Digits) {
	for c := range table {
		table[c] = is(byte(c)) || strings.IndexByte(text, byte(c)) >= 0
	}
	return table
}

// foldedFrom is how long a line of digits is at least: what is behind so many of them, and behind blanks, may
// be the next line, of which the end was made a blank, as in a header.
const foldedFrom = 16

// In calls do for the parts of a text that have nothing but such bytes, and blanks where
// lines may have been, at least so many, and tells it whether that is where the text broke off: then it
// may be shorter. Nearly no text has so many in one piece, and to see that it is enough to look at one
// byte in so many.
func (table *Digits) In(text string, least int, cut bool, do func(begin, end int, cut bool)) {
	last := len(strings.TrimRight(text, blanks))
	for at := least - 1; at < len(text); {
		one := at // or what is before the blanks that it is one of
		for one > 0 && one > at-least && strings.IndexByte(blanks, text[one]) >= 0 {
			one--
		}
		if !table[text[one]] {
			at += least
			continue
		}
		begin, end := table.begin(text, one), table.end(text, one)
		if end-begin >= least {
			do(begin, end, cut && end >= last)
		}
		at = max(end, at) + least
	}
	if cut && last > 0 && table[text[last-1]] {
		if begin := table.begin(text, last-1); last-begin < least {
			do(begin, last, true)
		}
	}
}

// InLines is In for the parts that may be a token in lines. A text without the end of one, as it is or
// escaped, has none.
func InLines(text string, least int, cut bool, do func(begin, end int, cut bool)) {
	for _, c := range []byte("\n\r \\%&") {
		if strings.IndexByte(text, c) >= 0 {
			token.In(text, least, cut, do)
			return
		}
	}
}

// begin returns where the run begins that has the byte at that place.
func (table *Digits) begin(text string, at int) int {
	for {
		for at > 0 && table[text[at-1]] {
			at--
		}
		before := len(strings.TrimRight(text[:at], blanks))
		begin := before
		for begin > max(0, before-foldedFrom) && table[text[begin-1]] {
			begin--
		}
		if before == at || !isLine(text[begin:before]) {
			return at
		}
		at = begin
	}
}

// end returns where the run ends.
func (table *Digits) end(text string, at int) int {
	for begin := at; ; begin = at {
		for at < len(text) && table[text[at]] {
			at++
		}
		for begin > max(0, at-foldedFrom) && table[text[begin-1]] {
			begin--
		}
		next := len(text) - len(strings.TrimLeft(text[at:], blanks))
		if next == at || next == len(text) || !table[text[next]] || !isLine(text[begin:at]) {
			return at
		}
		at = next
	}
}

const blanks = " \t"

// isLine reports whether digits are, or have the end of, a line.
func isLine(run string) bool {
	n := len(run)
	return n >= foldedFrom || n > 0 && (run[n-1] == '\n' || run[n-1] == '\r') ||
		n > 1 && run[n-2] == '\\' && (run[n-1] == 'n' || run[n-1] == 'r')
}
