// Package resp reads the replies and the invalidation pushes of a Redis connection that
// speaks RESP3, in bounded memory, whatever the server sends.
package resp

import (
	"bufio"
	"errors"
	"io"
	"strconv"
)

const (
	maxPushedKey = 16 << 10  // longer keys are skipped
	maxLength    = 512 << 20 // of anything that Redis sends
	maxDepth     = 8         // of replies inside replies
)

var errMalformed = errors.New("resp: malformed reply")

// Reply is what is kept of an answer: an error, a simple string, the first string of a
// list, or only that it came.
type Reply struct {
	Failed bool
	Text   string
}

// Reader reads RESP3 and skips what is not needed, however long it is. Make it with
// [NewReader]. It is not safe for concurrent use.
// https://redis.io/docs/latest/develop/reference/protocol-spec/
type Reader struct {
	in  *bufio.Reader
	buf [maxPushedKey]byte
}

// NewReader returns a Reader of what the server sends.
func NewReader(from io.Reader) *Reader { return &Reader{in: bufio.NewReader(from)} }

// Next returns the next reply and hands the keys of the pushes before it to pushed:
// the key itself, valid during the call, or nil for all keys.
func (r *Reader) Next(pushed func(key []byte)) (Reply, error) {
	for {
		kind, text, err := r.head()
		if err != nil {
			return Reply{}, err
		}
		switch kind {
		case '>':
			err = r.push(text, pushed)
		case '|': // attributes, before what they belong to
			err = r.skip(kind, text, 0)
		case '+', '-':
			return Reply{Failed: kind == '-', Text: string(text)}, nil
		case '!':
			blob, err := r.bulk(text)
			return Reply{Failed: true, Text: string(blob)}, err
		case '*':
			first, err := r.first(text)
			return Reply{Text: first}, err
		default:
			return Reply{}, r.skip(kind, text, 0)
		}
		if err != nil {
			return Reply{}, err
		}
	}
}

// push reads a push after its head: https://redis.io/docs/latest/develop/reference/client-side-caching/
func (r *Reader) push(count []byte, pushed func(key []byte)) error {
	n, err := length(count)
	if err != nil || n < 1 {
		return errMalformed
	}
	name, null, err := r.text()
	if err != nil || null {
		return orMalformed(err)
	}
	if n--; n != 1 || string(name) != "invalidate" {
		return r.skipN(n, 0)
	}
	kind, count, err := r.head()
	if err != nil {
		return err
	}
	if kind == '_' || string(count) == "-1" {
		pushed(nil)
		return nil
	}
	if kind != '*' {
		return errMalformed
	}
	if n, err = length(count); err != nil {
		return err
	}
	for range n {
		key, null, err := r.text()
		if err != nil || null {
			return orMalformed(err)
		}
		pushed(key)
	}
	return nil
}

// head reads the line that everything begins with. What it returns is valid until
// more is read.
func (r *Reader) head() (kind byte, text []byte, err error) {
	line, err := r.in.ReadSlice('\n')
	switch {
	case err == bufio.ErrBufferFull:
		return 0, nil, errMalformed
	case err != nil:
		return 0, nil, err
	case len(line) < 3 || line[len(line)-2] != '\r':
		return 0, nil, errMalformed
	}
	return line[0], line[1 : len(line)-2], nil
}

// text reads a string of any kind. It is valid until more is read, and empty if it
// is longer than our keys are.
func (r *Reader) text() (text []byte, null bool, err error) {
	kind, text, err := r.head()
	switch {
	case err != nil:
		return nil, false, err
	case kind == '+':
		return text, false, nil
	case kind == '_' || kind == '$' && string(text) == "-1":
		return nil, true, nil
	case kind != '$':
		return nil, false, errMalformed
	}
	text, err = r.bulk(text)
	return text, false, err
}

// bulk reads the body of a string whose length has been read.
func (r *Reader) bulk(count []byte) ([]byte, error) {
	n, err := length(count)
	if err != nil {
		return nil, err
	}
	if n > len(r.buf) {
		_, err := r.in.Discard(n + 2)
		return []byte{}, err
	}
	if _, err := io.ReadFull(r.in, r.buf[:n]); err != nil {
		return nil, err
	}
	_, err = r.in.Discard(2)
	return r.buf[:n], err
}

// first reads the rest of a list and returns its first element if that is a text.
func (r *Reader) first(count []byte) (text string, err error) {
	if string(count) == "-1" {
		return "", nil
	}
	n, err := length(count)
	if err != nil || n == 0 {
		return "", err
	}
	kind, head, err := r.head()
	switch {
	case err != nil:
		return "", err
	case kind == '$' && string(head) != "-1":
		var b []byte
		if b, err = r.bulk(head); err == nil {
			text = string(b)
		}
	default:
		err = r.skip(kind, head, 1)
	}
	if err != nil {
		return "", err
	}
	return text, r.skipN(n-1, 1)
}

// skip reads the rest of something whose head has been read.
func (r *Reader) skip(kind byte, text []byte, depth int) error {
	if depth > maxDepth {
		return errMalformed
	}
	switch kind {
	case '+', '-', ':', '_', '#', ',', '(':
		return nil
	case '$', '=', '!', '*', '~', '>', '%', '|':
	default:
		return errMalformed
	}
	if string(text) == "-1" { // null, as RESP2 has it
		return nil
	}
	n, err := length(text)
	if err != nil {
		return err
	}
	switch kind {
	case '$', '=', '!':
		_, err := r.in.Discard(n + 2)
		return err
	case '%', '|':
		n *= 2
	}
	return r.skipN(n, depth+1)
}

func (r *Reader) skipN(n, depth int) error {
	for range n {
		kind, text, err := r.head()
		if err == nil {
			err = r.skip(kind, text, depth)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func length(text []byte) (int, error) {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 0 || n > maxLength {
		return 0, errMalformed
	}
	return n, nil
}

func orMalformed(err error) error {
	if err == nil {
		return errMalformed
	}
	return err
}
