// Package readall reads all that a reader has, the body of an answer for one, into as little
// memory as can be.
//
// Nothing is believed of a length that is announced but the order of magnitude: what is set
// aside for it grows with what has arrived. See ARCHITECTURE.md for the package in context.
package readall

import (
	"io"
	"net/http"
)

const (
	// Ahead is how much is set aside for a length that is announced, before anything was
	// read.
	Ahead = 1 << 20
	// Factor is how many times as much as has arrived is set aside for the rest of it.
	Factor = 8

	// usual is the first buffer without a length: who does not know it beforehand sends
	// more than a line.
	usual = 4 << 10
	// piece is the longest one that is read without a length: what is left of the last one
	// is for nothing.
	piece = 256 << 10
)

// Read is io.ReadAll for a reader that is expected to have that many bytes; negative means
// that nothing is known. What was read before an error is returned with it.
func Read(r io.Reader, expected int64) ([]byte, error) {
	if expected < 0 {
		return unknown(r)
	}
	room := func(most int64) []byte { return make([]byte, 0, min(expected, most)+1) } // one more to see the end
	for buf := room(Ahead); ; {
		done, err := fill(r, &buf)
		switch {
		case done:
			return buf, err
		case int64(len(buf)) > expected: // it was not true
			rest, err := unknown(r)
			return append(buf, rest...), err
		}
		buf = append(room(Factor*int64(len(buf))), buf...)
	}
}

// Announced returns how many bytes the body of an answer is said to have; negative means that
// nothing is. What an answer to HEAD says is the length of one to GET.
func Announced(resp *http.Response) int64 {
	if resp.Request != nil && resp.Request.Method == http.MethodHead {
		return 0
	}
	return resp.ContentLength
}

// unknown reads pieces, which grow, and puts them together when their length is known.
func unknown(r io.Reader) ([]byte, error) {
	buf := make([]byte, 0, usual)
	var pieces [][]byte
	size := 0
	for {
		done, err := fill(r, &buf)
		size += len(buf)
		switch {
		case done && pieces == nil:
			return buf, err
		case done:
			all := make([]byte, 0, size)
			for _, p := range pieces {
				all = append(all, p...)
			}
			return append(all, buf...), err
		}
		pieces = append(pieces, buf)
		buf = make([]byte, 0, min(size, piece))
	}
}

// fill reads until the buffer is full, or done: at the end or an error.
func fill(r io.Reader, buf *[]byte) (done bool, err error) {
	b := *buf
	defer func() { *buf = b }()
	for len(b) < cap(b) {
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return true, nil
		} else if err != nil {
			return true, err
		}
	}
	return false, nil
}
