package redisconn

import (
	"bytes"

	"github.com/advoware-go/advoware/internal/number"
)

// The limits of a reply. go-redis allocates the length that a reply announces before it has
// read it, and recurses as deep as the reply does. The largest replies that are needed are
// the commands and the slots of a Cluster.
const (
	maxReply    = 8 << 20 // bytes in all
	maxString   = 1 << 20 // bytes
	maxElements = 1 << 16
	maxDepth    = 16
	maxLine     = 64 << 10 // bytes
	maxHead     = 24       // bytes of a line with a length
)

// ErrTooLong is returned by a connection on which a reply was longer than any that is needed.
// Nothing more is read from that connection.
var ErrTooLong error = tooLongError{}

type tooLongError struct{}

func (tooLongError) Error() string {
	return "store/redis/dial: a reply is longer than any that is asked for"
}
func (tooLongError) TooLong() bool { return true }

// reply follows the bytes that are read from a connection, to find the end of each reply and
// the lengths in it, in RESP2 and RESP3.
type reply struct {
	bytes  int    // of this reply so far
	skip   int    // bytes of a string that are still to come, with its line end
	line   []byte // the beginning of a line
	length int    // of that line so far
	open   []int  // elements that are still to come, of each array that is not complete
}

// take follows p, the next bytes. It is false if they belong to a reply that is too long.
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

// head handles a complete line.
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

// element counts a complete element, and the arrays whose last element it is.
func (r *reply) element() {
	for last := len(r.open) - 1; last >= 0; last-- {
		if r.open[last]--; r.open[last] > 0 {
			return
		}
		r.open = r.open[:last]
	}
}
