// Package content is what a request sends: bytes, a reader that seeks, a stream; once or any
// number of times.
//
// See ARCHITECTURE.md for the package in context.
package content

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"sync"
)

// Content is the body of a request, as it is sent.
type Content struct {
	Type  string
	Size  int64 // negative is unknown
	Open  func() (io.ReadCloser, error)
	Again bool // Open may be called more than once
}

// Into puts the content into a request that has no body yet.
func (c Content) Into(req *http.Request, watched func(io.ReadCloser) io.ReadCloser) error {
	if c.Open == nil {
		return nil
	}
	if req.ContentLength = c.Size; c.Size == 0 {
		req.Body, req.GetBody = http.NoBody, func() (io.ReadCloser, error) { return http.NoBody, nil }
		return nil
	}
	open := c.Open
	if watched != nil {
		open = func() (io.ReadCloser, error) {
			body, err := c.Open()
			if err != nil {
				return nil, err
			}
			return watched(body), nil
		}
	}
	body, err := open()
	if err != nil {
		return fmt.Errorf("opening the body: %w", err)
	}
	if req.Body = body; c.Again {
		req.GetBody = open
	}
	return nil
}

// OfBytes returns the content that is text.
func OfBytes(contentType string, text []byte) Content {
	return Content{Type: contentType, Size: int64(len(text)), Again: true, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(text)), nil
	}}
}

// OfReader returns the content of r from its position on. Its size is known if r can seek.
func OfReader(r io.Reader, size int64) (Content, error) {
	if v := reflect.ValueOf(r); v.Kind() == reflect.Pointer && v.IsNil() {
		return Content{}, fmt.Errorf("the Reader of the body is a nil %T", r)
	}
	switch b := r.(type) {
	case *bytes.Buffer:
		r = bytes.NewReader(b.Bytes())
	default:
		if r == http.NoBody {
			r = bytes.NewReader(nil)
		}
	}
	seeker, ok := r.(io.ReadSeeker)
	if !ok {
		return ofStream(r, size), nil
	}
	start, err := seeker.Seek(0, io.SeekCurrent)
	if err != nil { // a pipe is an *os.File too
		return ofStream(r, size), nil
	}
	end, err := seeker.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = seeker.Seek(start, io.SeekStart)
	}
	switch left := end - start; {
	case err != nil:
		return Content{}, fmt.Errorf("finding out how long the body is: %w", err)
	case left <= 0 && start > 0:
		return Content{}, errors.New("the Reader of the body stands at its end, where nothing is left to be sent: seek back to its beginning")
	case size > left:
		return Content{}, fmt.Errorf("the body has %d bytes, and its Size says %d", left, size)
	case size == 0:
		size = left
	}
	if at, ok := r.(io.ReaderAt); ok {
		return Content{Size: size, Again: true, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.NewSectionReader(at, start, size)), nil
		}}, nil
	}
	return Content{Size: size, Open: func() (io.ReadCloser, error) { return seekBody{seeker}, nil }}, nil
}

// seekBody is a body that can seek and stays open; client.Transport seeks it back after a 401.
type seekBody struct{ io.ReadSeeker }

func (seekBody) Close() error { return nil }

// ofStream returns content that can be read only once. It is closed, because the writer of
// a pipe would not notice otherwise that its reader has ended.
func ofStream(r io.Reader, size int64) Content {
	if size == 0 {
		size = -1
	}
	return Content{Size: size, Open: func() (io.ReadCloser, error) {
		if c, ok := r.(io.Closer); ok {
			return streamBody{r, sync.OnceValue(c.Close)}, nil
		}
		return io.NopCloser(r), nil
	}}
}

// streamBody closes once: net/http may close a body more than once.
type streamBody struct {
	io.Reader
	close func() error
}

func (s streamBody) Close() error { return s.close() }
