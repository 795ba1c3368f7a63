package jsonview

import "fmt"

// A scanner reads JSON byte by byte and says what each byte is. It holds a byte for each
// level of nesting and nothing else.
type scanner struct {
	stack []byte // '{' or '[' for each level
	state state
	word  string // what is left of true, false or null
	hex   int    // digits of \uXXXX that are still to come
	at    int64  // bytes read
}

// deepest is how many levels are read, as by encoding/json.
const deepest = 10000

type state uint8

const (
	wantValue state = iota
	wantValueOrEnd
	wantKey
	wantKeyOrEnd
	wantColon
	wantComma // or the end of the array or object; outside of both, nothing any more
	inString
	inKey
	escapedString
	escapedKey
	hexString
	hexKey
	inWord
	afterMinus
	afterZero
	inWhole
	afterPoint
	inFraction
	afterE
	afterESign
	inExponent
)

// what says what a byte is.
type what uint8

const (
	space what = iota
	open
	shut
	comma
	colon
	stringBegins
	keyBegins
	wordBegins // true, false, null
	numberBegins
	within // a string, word or number that goes on
	ends   // the quote that ends a string or key
)

// next reads a byte. A number ends with the byte after it.
func (s *scanner) next(c byte) (what, error) {
	s.at++
	switch s.state {
	case inString, inKey:
		return s.text(c)
	case escapedString, escapedKey:
		return s.escape(c)
	case hexString, hexKey:
		if !isHex(c) {
			return 0, s.wrong()
		}
		if s.hex--; s.hex == 0 {
			s.state = s.state - hexString + inString
		}
		return within, nil
	case inWord:
		if c != s.word[0] {
			return 0, s.wrong()
		}
		if s.word = s.word[1:]; s.word == "" {
			s.state = wantComma
		}
		return within, nil
	}
	if s.state >= afterMinus {
		if s.number(c) {
			return within, nil
		}
		if !s.numberMayEnd() {
			return 0, s.wrong()
		}
		s.state = wantComma
	}
	return s.between(c)
}

// text reads a byte of a string.
func (s *scanner) text(c byte) (what, error) {
	switch {
	case c == '"' && s.state == inKey:
		s.state = wantColon
		return ends, nil
	case c == '"':
		s.state = wantComma
		return ends, nil
	case c == '\\':
		s.state = s.state - inString + escapedString
	case c < ' ':
		return 0, s.wrong()
	}
	return within, nil
}

// escape reads the byte after a backslash.
func (s *scanner) escape(c byte) (what, error) {
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.state = s.state - escapedString + inString
		return within, nil
	case 'u':
		s.state, s.hex = s.state-escapedString+hexString, 4
		return within, nil
	}
	return 0, s.wrong()
}

// number reports whether c goes on with a number.
func (s *scanner) number(c byte) bool {
	digit := c >= '0' && c <= '9'
	switch s.state {
	case afterMinus:
		switch {
		case c == '0':
			s.state = afterZero
		case digit:
			s.state = inWhole
		default:
			return false
		}
		return true
	case afterE:
		if c == '+' || c == '-' {
			s.state = afterESign
			return true
		}
		fallthrough
	case afterESign:
		if digit {
			s.state = inExponent
		}
		return digit
	case afterPoint:
		if digit {
			s.state = inFraction
		}
		return digit
	}
	switch whole := s.state == afterZero || s.state == inWhole; {
	case digit && s.state != afterZero:
	case c == '.' && whole:
		s.state = afterPoint
	case (c == 'e' || c == 'E') && s.state != inExponent:
		s.state = afterE
	default:
		return false
	}
	return true
}

func (s *scanner) numberMayEnd() bool {
	return s.state == afterZero || s.state == inWhole || s.state == inFraction || s.state == inExponent
}

func (s *scanner) wrong() error { return fmt.Errorf("byte %d does not belong there", s.at) }

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
