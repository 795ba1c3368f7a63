package jsonpart

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"

	"github.com/advoware-go/advoware/internal/charset"
)

// Reader finds the elements of an array in a JSON text that is read piece by piece.
// What is held of it is one value at a time, of a bounded length; a json.Decoder would
// hold all that it has been sent, white space included, until a value is complete.
type Reader struct {
	text  *charset.Reader
	from  *bufio.Reader
	limit int64 // of a value; negative means none
	value []byte
}

// NewReader returns a Reader of text in which no value has more than limit bytes; negative
// means no bound.
func NewReader(text *charset.Reader, limit int64) *Reader {
	return &Reader{text: text, from: bufio.NewReaderSize(text, 16<<10), limit: limit}
}

// Find hands out the elements of the array that path leads to, and reads the text to its
// end; no path is the text itself, and nothing, or null, is an empty array. An element is
// good until the next one is asked for. The errors are ErrSyntax, ErrTooLong, a
// [*ShapeError], and those of each, which end it, and of the text.
func (e *Reader) Find(path []string, each func([]byte) error) error {
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
func (e *Reader) inside(c byte, path []string, each func([]byte) error) (found bool, err error) {
	switch {
	case c == 'n': // of null every field is null, and null is an empty array
		if err := e.read(); err != nil {
			return false, err
		}
		if string(e.value) != "null" {
			return false, ErrSyntax
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
func (e *Reader) object(path []string, each func([]byte) error) (found bool, err error) {
	err = e.list('}', func() error {
		if err := e.read(); err != nil {
			return err
		}
		var name string
		if len(e.value) == 0 || e.value[0] != '"' || json.Unmarshal(e.value, &name) != nil {
			return ErrSyntax
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
			return twice(name)
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
func (e *Reader) list(end byte, one func() error) error {
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
			return ErrSyntax
		}
	}
	if err != nil {
		return syntax(err)
	}
	_, _ = e.from.Discard(1)
	return nil
}

// next skips white space and returns the byte after it, without reading that.
func (e *Reader) next() (byte, error) {
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

// skip reads a value that is not wanted.
func (e *Reader) skip() error {
	if err := e.read(); err != nil {
		return err
	}
	if !json.Valid(e.value) {
		return ErrSyntax
	}
	return nil
}

// read reads a value, as far as its brackets and quotes tell where it ends.
func (e *Reader) read() error {
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
			return ErrTooLong
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
		return ErrSyntax
	}
	return err
}
