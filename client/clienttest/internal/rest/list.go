package rest

import (
	"bufio"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
)

// heldRows is up to how many rows an array is made before it is sent, so that its
// length is known. A longer one is made while it is written.
const heldRows = 500

// Array answers with all rows, of which there are at most n.
func Array[R any](c *Call, n int, rows iter.Seq[R]) *answer.Answer {
	a := &answer.Answer{Status: http.StatusOK, Header: http.Header{"Content-Type": {answer.JSONType}}}
	write := func(w io.Writer) error { return writeArray(w, rows) }
	switch {
	case n > heldRows && c.Method == http.MethodHead:
	case n > heldRows:
		a.Stream = write
	default:
		var body buffer
		write(&body)
		a.Body = body
	}
	return a
}

type buffer []byte

func (b *buffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

// writeArray writes rows as they are made, and stops when nobody takes them any more.
func writeArray[R any](w io.Writer, rows iter.Seq[R]) error {
	buf := bufio.NewWriterSize(w, 32<<10)
	enc := json.NewEncoder(buf)
	separator := "["
	var failed error
	for row := range rows {
		buf.WriteString(separator) // its errors stay
		if failed = enc.Encode(row); failed != nil {
			return failed
		}
		separator = ","
	}
	if separator == "[" {
		buf.WriteString("[")
	}
	buf.WriteString("]\n")
	return buf.Flush()
}

// Page answers with a part of all rows, of which there are n: "limit" entries from
// "offset" on, everything without them. X-Total-Count says how many there are. Only
// the lists of the vendor's example have it (seen with its "limit"); no paging was
// seen anywhere else, and these names are ignored there as any other.
func Page[R any](c *Call, n int, rows iter.Seq[R]) *answer.Answer {
	offset, bad := natural(c.Query, "offset", 0)
	if bad != nil {
		return bad
	}
	limit, bad := natural(c.Query, "limit", n)
	if bad != nil {
		return bad
	}
	offset = min(offset, n)
	limit = min(limit, n-offset)
	a := Array(c, limit, func(yield func(R) bool) {
		if limit == 0 {
			return
		}
		i := 0
		for row := range rows {
			if i++; i <= offset {
				continue
			}
			if !yield(row) || i == offset+limit {
				return
			}
		}
	})
	a.Header.Set("X-Total-Count", strconv.Itoa(n))
	return a
}

// natural reads a number that is not negative from the query.
func natural(query url.Values, name string, def int) (int, *answer.Answer) {
	if !query.Has(name) {
		return def, nil
	}
	n, err := strconv.Atoi(query.Get(name))
	if err != nil || n < 0 {
		return 0, BadParameter(name, "muss eine ganze Zahl ab 0 sein")
	}
	return n, nil
}
