package roundtrip

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/advoware-go/advoware/internal/bounded"
)

var errCount = errors.New("the Read of the request's body returned a count that is negative, or beyond its buffer")

// Guarded returns a request's body whose Close reaches its source once: a RoundTripper
// closes it, or does not when it fails, and it is closed after it then. A panic of the
// source's, and more bytes from it than there is room for, are errors: net/http reads on
// goroutines of its own, where either would end the process. What is in memory is left as
// it is, so that net/http sees that.
func Guarded(body io.ReadCloser) io.ReadCloser {
	if _, done := body.(*guardedBody); done || inMemory(body) {
		return body
	}
	return &guardedBody{source: body}
}

type guardedBody struct {
	source io.ReadCloser
	once   sync.Once
	err    error
}

func (b *guardedBody) Read(p []byte) (n int, err error) {
	defer contain(&err)
	n, err = b.source.Read(p)
	if n < 0 || n > len(p) {
		return 0, errCount
	}
	return n, err
}

func (b *guardedBody) Close() error {
	b.once.Do(func() {
		defer contain(&b.err)
		b.err = b.source.Close()
	})
	return b.err
}

// contain makes an error of a panic.
func contain(err *error) {
	if v := recover(); v != nil {
		*err = &bounded.PanicError{Value: v, Stack: debug.Stack()}
	}
}

// inMemory reports whether nothing in a body can block, or is the caller's.
func inMemory(body io.ReadCloser) bool {
	if body == nil || body == http.NoBody {
		return true
	}
	if t := reflect.TypeOf(body); t != nopCloser && t != nopCloserTo {
		return false
	}
	switch reflect.ValueOf(body).Field(0).Interface().(type) {
	case *bytes.Reader, *bytes.Buffer, *strings.Reader:
		return true
	}
	return false
}

var (
	nopCloser   = reflect.TypeOf(io.NopCloser(nil))
	nopCloserTo = reflect.TypeOf(io.NopCloser(struct {
		io.Reader
		io.WriterTo
	}{}))
)
