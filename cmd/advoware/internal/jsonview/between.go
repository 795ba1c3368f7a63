package jsonview

import "errors"

// between reads a byte that is not within a string, word or number.
func (s *scanner) between(c byte) (what, error) {
	if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
		return space, nil
	}
	switch s.state {
	case wantComma:
		return s.after(c)
	case wantColon:
		if c == ':' {
			s.state = wantValue
			return colon, nil
		}
	case wantKeyOrEnd, wantKey:
		switch {
		case c == '"':
			s.state = inKey
			return keyBegins, nil
		case c == '}' && s.state == wantKeyOrEnd:
			return s.shut(c)
		}
	case wantValueOrEnd:
		if c == ']' {
			return s.shut(c)
		}
		return s.value(c)
	case wantValue:
		return s.value(c)
	}
	return 0, s.wrong()
}

// after reads what comes after a value.
func (s *scanner) after(c byte) (what, error) {
	switch {
	case len(s.stack) == 0:
		return 0, s.wrong()
	case c == ',' && s.stack[len(s.stack)-1] == '{':
		s.state = wantKey
		return comma, nil
	case c == ',':
		s.state = wantValue
		return comma, nil
	}
	return s.shut(c)
}

func (s *scanner) shut(c byte) (what, error) {
	opened := s.stack[len(s.stack)-1]
	if opened == '{' && c != '}' || opened == '[' && c != ']' {
		return 0, s.wrong()
	}
	s.stack, s.state = s.stack[:len(s.stack)-1], wantComma
	return shut, nil
}

// value reads the first byte of a value.
func (s *scanner) value(c byte) (what, error) {
	switch c {
	case '{', '[':
		if len(s.stack) == deepest {
			return 0, errors.New("it is nested too deeply")
		}
		s.stack = append(s.stack, c)
		if s.state = wantValueOrEnd; c == '{' {
			s.state = wantKeyOrEnd
		}
		return open, nil
	case '"':
		s.state = inString
		return stringBegins, nil
	case 't':
		return s.begin("rue")
	case 'f':
		return s.begin("alse")
	case 'n':
		return s.begin("ull")
	case '-':
		s.state = afterMinus
	case '0':
		s.state = afterZero
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		s.state = inWhole
	default:
		return 0, s.wrong()
	}
	return numberBegins, nil
}

func (s *scanner) begin(rest string) (what, error) {
	s.state, s.word = inWord, rest
	return wordBegins, nil
}

// end says whether a text may end here.
func (s *scanner) end() error {
	switch done := s.state == wantComma || s.numberMayEnd(); {
	case len(s.stack) > 0 || !done:
		return errors.New("it breaks off")
	}
	return nil
}
