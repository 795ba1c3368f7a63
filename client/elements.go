package client

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/advoware-go/advoware/internal/charset"
)

// errSyntax is text that is no JSON.
var errSyntax = errors.New("client: no JSON")

// shapeError is JSON that does not have what was asked for where it should be.
type shapeError struct{ text string }

func (e *shapeError) Error() string { return e.text }

func noArray() error { return &shapeError{"the answer is JSON, but no array"} }

func noObject(name string) error {
	return &shapeError{fmt.Sprintf("the answer is JSON, but no object with a field %.100q", name)}
}

func noField(name string) error {
	return &shapeError{fmt.Sprintf("the answer has no field %.100q", name)}
}

// elements finds the elements of an array in a JSON text that is read piece by piece.
// What is held of it is one value at a time, of a bounded length; a json.Decoder would
// hold all that it has been sent, white space included, until a value is complete.
type elements struct {
	text  *charset.Reader
	from  *bufio.Reader
	limit int64 // of a value; negative means none
	value []byte
}

func newElements(text *charset.Reader, limit int64) *elements {
	return &elements{text: text, from: bufio.NewReaderSize(text, 16<<10), limit: limit}
}

// find hands out the elements of the array that path leads to, and reads the text to its
// end. An element is good until the next one is asked for. An error of each ends it.
func (e *elements) find(path []string, each func([]byte) error) error {
	c, err := e.next()
	switch {
	case errors.Is(err, io.EOF):
		return nil // empty
	case err != nil:
		return err
	}
	found, err := e.inside(c, path, each)
	switch {
	case err != nil:
		return err
	case !found:
		return noField(path[0])
	}
	if _, err := e.next(); !errors.Is(err, io.EOF) {
		return syntax(err) // something comes after it
	}
	return nil
}

// inside reads a value that begins with c, which is not read yet, and reports whether the
// path led to an array in it, or to null.
func (e *elements) inside(c byte, path []string, each func([]byte) error) (found bool, err error) {
	switch {
	case c == 'n': // of null every field is null, and null is an empty array
		if err := e.read(); err != nil {
			return false, err
		}
		if string(e.value) != "null" {
			return false, errSyntax
		}
		return true, nil
	case len(path) == 0 && c == '[':
		return true, e.list(']', func() error {
			if err := e.read(); err != nil {
				return err
			}
			return each(e.value)
		})
	case len(path) > 0 && c == '{':
		return e.object(path, each)
	}
	if err := e.skip(); err != nil {
		return false, err
	}
	if len(path) == 0 {
		return false, noArray()
	}
	return false, noObject(path[0])
}

// object is inside for an object.
func (e *elements) object(path []string, each func([]byte) error) (found bool, err error) {
	err = e.list('}', func() error {
		if err := e.read(); err != nil {
			return err
		}
		var name string
		if len(e.value) == 0 || e.value[0] != '"' || json.Unmarshal(e.value, &name) != nil {
			return errSyntax
		}
		if c, err := e.next(); err != nil || c != ':' {
			return syntax(err)
		}
		_, _ = e.from.Discard(1)
		c, err := e.next()
		switch {
		case err != nil:
			return syntax(err)
		case name != path[0]:
			return e.skip()
		case found: // its elements are with the caller, and JSON means the last one
			return &shapeError{fmt.Sprintf("the answer has the field %.100q twice", name)}
		}
		within, err := e.inside(c, path[1:], each)
		if err == nil && !within {
			err = noField(path[1])
		}
		found = true
		return err
	})
	return found, err
}

// list reads what stands between brackets, of which the first one is next: one thing
// after another, with commas between.
func (e *elements) list(end byte, one func() error) error {
	_, _ = e.from.Discard(1)
	c, err := e.next()
	for more := err == nil && c != end; more; {
		if err := one(); err != nil {
			return err
		}
		if c, err = e.next(); err != nil {
			break
		}
		if more = c == ','; more {
			_, _ = e.from.Discard(1)
			if _, err = e.next(); err != nil {
				break
			}
		} else if c != end {
			return errSyntax
		}
	}
	if err != nil {
		return syntax(err)
	}
	_, _ = e.from.Discard(1)
	return nil
}

// next skips white space and returns the byte after it, without reading that.
func (e *elements) next() (byte, error) {
	for {
		c, err := e.from.ReadByte()
		switch {
		case err != nil:
			return 0, err
		case c != ' ' && c != '\n' && c != '\r' && c != '\t':
			return c, e.from.UnreadByte()
		}
	}
}

// skip reads a value that nobody wants.
func (e *elements) skip() error {
	if err := e.read(); err != nil {
		return err
	}
	if !json.Valid(e.value) {
		return errSyntax
	}
	return nil
}

// read reads a value, as far as its brackets and quotes tell where it ends.
func (e *elements) read() error {
	e.value = e.value[:0]
	var s scan
	for {
		if _, err := e.from.Peek(1); err != nil {
			if errors.Is(err, io.EOF) && s.ended() {
				break
			}
			return syntax(err)
		}
		piece, _ := e.from.Peek(e.from.Buffered())
		n, over := s.scan(piece)
		if e.limit >= 0 && int64(len(e.value)+n) > e.limit {
			return tooLong(e.limit)
		}
		e.value = append(e.value, piece[:n]...)
		_, _ = e.from.Discard(n)
		if over {
			break
		}
	}
	return e.text.Check(e.value)
}

// syntax is what is wrong with a text that did not go on as JSON does.
func syntax(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return errSyntax
	}
	return err
}

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

// counted counts what is read, and remembers what went wrong.
type counted struct {
	r      io.Reader
	n      int
	failed error
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	if err != nil && err != io.EOF {
		c.failed = err
	}
	return n, err
}
