package jsonpart

// scan finds the end of a JSON value.
type scan struct {
	depth                   int
	begun, quoted, escaping bool
}

// ended reports whether the value may end where the text does: a number or a word.
func (s *scan) ended() bool { return s.begun && s.depth == 0 && !s.quoted }

// scan returns how much of a piece belongs to the value, and whether it ends there.
func (s *scan) scan(piece []byte) (n int, over bool) {
	for i := 0; i < len(piece); i++ {
		c := piece[i]
		switch {
		case s.escaping:
			s.escaping = false
		case s.quoted:
			for i < len(piece) && piece[i] != '"' && piece[i] != '\\' {
				i++
			}
			if i == len(piece) {
				return i, false
			}
			if s.escaping = piece[i] == '\\'; !s.escaping {
				s.quoted = false
				if s.depth == 0 {
					return i + 1, true
				}
			}
		case c == '"':
			if s.begun && s.depth == 0 {
				return i, true
			}
			s.quoted = true
		case c == '{' || c == '[':
			if s.begun && s.depth == 0 {
				return i, true
			}
			s.depth++
		case c == '}' || c == ']':
			if s.depth == 0 {
				return i, true
			}
			if s.depth--; s.depth == 0 {
				return i + 1, true
			}
		case s.depth == 0 && s.begun && (c == ',' || c == ':' || c <= ' '):
			return i, true
		}
		s.begun = true
	}
	return len(piece), false
}
