package client

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"sync"

	"github.com/advoware-go/advoware/internal/jsonbody"
)

// content is the body of a request, as it is sent.
type content struct {
	contentType string
	size        int64 // negative is unknown
	open        func() (io.ReadCloser, error)
	again       bool // open may be called more than once
}

// contentOf returns what is sent for the Body of a Request; the zero content for nil.
func contentOf(body any) (content, error) {
	switch b := body.(type) {
	case nil:
		return content{}, nil
	case Raw:
		return b.content()
	case *Raw:
		if b == nil {
			return content{}, errors.New("the body is a nil *client.Raw")
		}
		return b.content()
	}
	text, err := jsonbody.Encode(body)
	if err != nil {
		return content{}, err
	}
	return ofBytes("application/json", text), nil
}

// into puts the content into a request that has no body yet.
func (c content) into(req *http.Request, watched func(io.ReadCloser) io.ReadCloser) error {
	if c.open == nil {
		return nil
	}
	if req.ContentLength = c.size; c.size == 0 {
		req.Body, req.GetBody = http.NoBody, func() (io.ReadCloser, error) { return http.NoBody, nil }
		return nil
	}
	open := c.open
	if watched != nil {
		open = func() (io.ReadCloser, error) {
			body, err := c.open()
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
	if req.Body = body; c.again {
		req.GetBody = open
	}
	return nil
}

func ofBytes(contentType string, text []byte) content {
	return content{contentType: contentType, size: int64(len(text)), again: true, open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(text)), nil
	}}
}

// ofReader returns the content of r from its position on. Its size is known if r can seek.
func ofReader(r io.Reader, size int64) (content, error) {
	if v := reflect.ValueOf(r); v.Kind() == reflect.Pointer && v.IsNil() {
		return content{}, fmt.Errorf("the Reader of the body is a nil %T", r)
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
		return content{}, fmt.Errorf("finding out how long the body is: %w", err)
	case left <= 0 && start > 0:
		return content{}, errors.New("the Reader of the body stands at its end, where nothing is left to be sent: seek back to its beginning")
	case size > left:
		return content{}, fmt.Errorf("the body has %d bytes, and its Size says %d", left, size)
	case size == 0:
		size = left
	}
	if at, ok := r.(io.ReaderAt); ok {
		return content{size: size, again: true, open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.NewSectionReader(at, start, size)), nil
		}}, nil
	}
	return content{size: size, open: func() (io.ReadCloser, error) { return seekBody{seeker}, nil }}, nil
}

// seekBody is a body that can seek and stays open; Transport seeks it back after a 401.
type seekBody struct{ io.ReadSeeker }

func (seekBody) Close() error { return nil }

// ofStream returns content that can be read only once. It is closed, because the writer of
// a pipe would not notice otherwise that its reader has ended.
func ofStream(r io.Reader, size int64) content {
	if size == 0 {
		size = -1
	}
	return content{size: size, open: func() (io.ReadCloser, error) {
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
