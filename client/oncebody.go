package client

import (
	"io"
	"net/http"
	"reflect"
	"sync"
)

// closedOnce returns a body whose Close reaches its source once: a Base closes it, or
// does not when it fails, and it is closed after it then. What closing does nothing to
// is left as it is, so that net/http sees that it is in memory.
func closedOnce(body io.ReadCloser) io.ReadCloser {
	switch body.(type) {
	case nil, *replayBody, *onceBody:
		return body
	}
	if body == http.NoBody || isNopCloser(body) {
		return body
	}
	return &onceBody{ReadCloser: body}
}

var nopClosers = [2]reflect.Type{
	reflect.TypeOf(io.NopCloser(nil)),
	reflect.TypeOf(io.NopCloser(struct {
		io.Reader
		io.WriterTo
	}{})),
}

func isNopCloser(body io.ReadCloser) bool {
	t := reflect.TypeOf(body)
	return t == nopClosers[0] || t == nopClosers[1]
}

type onceBody struct {
	io.ReadCloser
	once sync.Once
	err  error
}

func (b *onceBody) Close() error {
	b.once.Do(func() { b.err = b.ReadCloser.Close() })
	return b.err
}
