package charset

import (
	"bufio"
	"errors"
	"io"

	"golang.org/x/text/transform"
)

// Reader decodes a text into UTF-8, without a byte order mark. The caller passes each part
// whose validity matters to Check.
type Reader struct {
	io.Reader
	Decoded     bool // from another encoding than UTF-8
	contentType string
}

// NewReader returns a Reader that decodes r. It reads the first bytes of r.
func NewReader(r io.Reader, contentType string) (*Reader, error) {
	in := bufio.NewReader(r)
	head, _ := in.Peek(headBytes) // a later Read returns the error again
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

// Check returns an error if text, which was read from r, has invalid or undecodable bytes.
func (r *Reader) Check(text []byte) error { return Check(text, r.Decoded, r.contentType) }
