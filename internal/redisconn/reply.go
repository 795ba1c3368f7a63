package redisconn

import (
	"bytes"

	"github.com/advoware-go/advoware/internal/number"
)

// What a reply may be at most. go-redis makes room for what a reply says of its length
// before it has read it, and goes as deep as the reply does. The largest that we ask for
// are the commands and the slots of a Cluster.
const (
	maxReply    = 8 << 20 // bytes in all
	maxString   = 1 << 20 // bytes
	maxElements = 1 << 16
	maxDepth    = 16
	maxLine     = 64 << 10 // bytes
	maxHead     = 24       // bytes of a line that says how long something is
)

// ErrTooLong is matched by the error of a connection on which a reply is longer than any
// that is of use to us. Nothing more is read from it.
var ErrTooLong error = tooLongError{}

type tooLongError struct{}

func (tooLongError) Error() string {
	return "store/redis/dial: a reply is longer than any that is asked for"
}
func (tooLongError) TooLong() bool { return true }

// reply follows what is read from a connection, to tell where one reply ends and how long
// its parts say they are, in RESP2 and RESP3.
type reply struct {
	bytes  int    // of this reply so far
	skip   int    // of a string that is still to come, with its line end
	line   []byte // the beginning of one
	length int    // of that line so far
	open   []int  // how many elements are still to come, of each array that is not complete
}

// take follows p, which is read next, and reports false if it is of a reply that is too
// long.
func (r *reply) take(p []byte) bool {
	for len(p) > 0 {
		n := min(len(p), r.skip)
		if n == 0 {
			i := bytes.IndexByte(p, '\n')
			if n = i + 1; i < 0 {
				n = len(p)
			}
			r.line = append(r.line, p[:min(n, maxHead-len(r.line))]...) // what is longer is no length
			if r.length += n; r.length > maxLine {
				return false
			}
			if i >= 0 && !r.head() {
				return false
			}
		} else if r.skip -= n; r.skip == 0 {
			r.element()
		}
		r.bytes, p = r.bytes+n, p[n:]
		if r.bytes > maxReply {
			return false
		}
		if r.skip == 0 && len(r.open) == 0 && r.length == 0 {
			r.bytes = 0
		}
	}
	return true
}

// head takes a whole line.
func (r *reply) head() bool {
	kind, length := r.line[0], r.length
	n, ok := number.Parse(bytes.TrimRight(r.line[1:], "\r\n"))
	r.line, r.length = r.line[:0], 0
	switch kind {
	case '$', '=', '!': // strings
		if ok && n >= 0 {
			r.skip = int(min(n, maxString)) + len("\r\n")
			return n <= maxString && length < maxHead
		}
	case '*', '~', '>', '%': // an array, a set, a push, a map
		if ok && n > 0 {
			r.open = append(r.open, int(min(n, maxElements)))
			if kind == '%' {
				r.open[len(r.open)-1] *= 2
			}
			return n <= maxElements && length < maxHead && len(r.open) <= maxDepth
		}
	default:
		length = 0
	}
	r.element()
	return length < maxHead
}

// element takes note that something is complete, and what it is the last element of.
func (r *reply) element() {
	for last := len(r.open) - 1; last >= 0; last-- {
		if r.open[last]--; r.open[last] > 0 {
			return
		}
		r.open = r.open[:last]
	}
}
