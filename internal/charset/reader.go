package charset

import (
	"bufio"
	"errors"
	"io"

	"golang.org/x/text/transform"
)

// Reader reads a text as UTF-8, without a byte order mark. Whoever reads it gives each
// piece that has to be right to Check.
type Reader struct {
	io.Reader
	Decoded     bool // it was not UTF-8
	contentType string
}

// NewReader returns a Reader of what r has. It reads the first bytes of it.
func NewReader(r io.Reader, contentType string) (*Reader, error) {
	in := bufio.NewReader(r)
	head, _ := in.Peek(headBytes) // what is wrong with r, it will say again
	enc, mark, err := find(head, contentType)
	if err != nil && !errors.Is(err, errUnknown) {
		return nil, err
	}
	_, _ = in.Discard(mark)
	if enc == nil {
		return &Reader{Reader: in, contentType: contentType}, nil
	}
	return &Reader{Reader: transform.NewReader(in, enc.NewDecoder()), Decoded: true, contentType: contentType}, nil
}

// Check returns an error if text, which was read here, is not all of it what the server
// wrote.
func (r *Reader) Check(text []byte) error { return Check(text, r.Decoded, r.contentType) }
