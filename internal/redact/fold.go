package redact

import (
	"encoding/binary"
	"unsafe"
)

// folding says what makes no difference.
type folding struct {
	anyCase bool
	slashes bool // backslashes count
}

// lost stands for what is not ASCII, and may have been lost on the way.
const lost = '?'

// byte returns what stands for a byte. A space may be a plus sign, in a query; a
// control character is the letter that it is escaped by.
func (f folding) byte(c byte) byte {
	switch {
	case c >= 0x80:
		return lost
	case c == '+':
		return ' '
	case f.anyCase && 'A' <= c && c <= 'Z':
		return c | 0x20
	case '\b' <= c && c <= '\r' && c != '\v':
		return "btn\vfr"[c-'\b']
	}
	return c
}

// standing has what stands for each byte, with anyCase and without.
var standing = func() (tables [2][256]byte) {
	for i := range tables {
		for c := range tables[i] {
			tables[i][c] = folding{anyCase: i == 1}.byte(byte(c))
		}
	}
	return tables
}()

func (f folding) standing() *[256]byte {
	if f.anyCase {
		return &standing[1]
	}
	return &standing[0]
}

// kept returns where in a text, from there on, the first byte is that may not stand for
// itself, the end of the text if there is none. Of what is lost several count as one.
func (f folding) kept(text string, at int) int {
	const (
		ones  = 0x0101010101010101
		highs = 0x80 * ones
	)
	table := f.standing()
	upper, slash := uint64(0), uint64(lost*ones)
	if f.anyCase {
		upper = highs
	}
	if f.slashes {
		slash = '\\' * ones
	}
	for b := unsafe.Slice(unsafe.StringData(text), len(text)); ; {
		for len(b)-at >= 8 { // eight at a time: the highest bit of each is whether it may not
			x := binary.LittleEndian.Uint64(b[at:])
			low := x &^ highs
			odd := x | ^(low + (0x80-' ')*ones) | // not ASCII, or a control character
				^(low ^ '+'*ones + 0x7f*ones) | ^(low ^ lost*ones + 0x7f*ones) | ^(low ^ slash + 0x7f*ones) |
				(low+(0x80-'A')*ones)&^(low+(0x80-'Z'-1)*ones)&upper
			if odd&highs != 0 {
				break
			}
			at += 8
		}
		for end := min(at+8, len(b)); at < end; at++ {
			if c := b[at]; table[c] != c || c == lost || c == '\\' && f.slashes {
				return at
			}
		}
		if at == len(b) {
			return at
		}
	}
}
