package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"

	"github.com/advoware-go/advoware/internal/quiet"
	"github.com/advoware-go/advoware/internal/reserved"
)

// Open makes a call whose answer may be of any type and size, a PDF or an image, and
// returns it as soon as its header is there. Its Body has to be closed, and is read while
// it arrives.
//
// The time that the whole takes is bounded by ctx alone. Request.Timeout, or the Client's,
// bounds how long nothing may move: neither the body of the request on its way out, nor
// the answer. The time that the caller takes between two reads does not count. MaxAnswer
// bounds the answer only if the Request has one.
//
// Errors are those of Call, also when the Body is read; a status other than 2xx is an
// [*APIError]. Any type is accepted, unless the Header has an Accept. What is read is what
// was sent: a character set is not decoded.
func Open(ctx context.Context, c *Client, r Request, options ...Option) (*http.Response, error) {
	r.apply(options)
	n := new(callState)
	resp, err := c.open(ctx, &r, n)
	return resp, c.failed(ctx, &r, n, err)
}

func (c *Client) open(ctx context.Context, r *Request, n *callState) (*http.Response, error) {
	if err := c.usable(ctx); err != nil {
		return nil, err
	}
	if r.Field != "" {
		return nil, &RequestError{Err: errors.New("Open cannot look for a Field: it hands out the answer as it comes")}
	}
	timeout := cmp.Or(r.Timeout, c.transport.timeout)
	inner, idle := quiet.New(ctx, timeout)
	idle.Wait()
	n.idle = idle
	resp, err := c.send(inner, r, n, "*/*", idle.Upload)
	if err != nil {
		idle.End()
		return nil, err
	}
	idle.Answer()
	limit := min(r.MaxAnswer, math.MaxInt64-1)
	resp.Body = &opened{ReadCloser: resp.Body, idle: idle, left: limit, limit: limit, failed: func(err error) error {
		return c.failed(ctx, r, n, err)
	}}
	if resp.Request != nil {
		seen := resp.Request.WithContext(ctx)
		seen.Header = reserved.Without(seen.Header, c.transport.tokenHeader().Canonical(), 0) // the token lies in the library's own request
		resp.Request = seen
	}
	return resp, nil
}

// opened is the body of an answer that Open returned.
type opened struct {
	io.ReadCloser
	idle        *quiet.Watch
	left, limit int64 // of MaxAnswer; a limit that is not positive is none
	failed      func(error) error
	err         error // what Read returned last
}

func (o *opened) Read(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	if o.limit > 0 && int64(len(p)) > o.left+1 {
		p = p[:o.left+1]
	}
	o.idle.Wait()
	n, err := o.ReadCloser.Read(p)
	o.idle.Moved()
	switch o.left -= int64(n); {
	case o.limit > 0 && o.left < 0:
		n, err = n-1, o.failed(tooLong(o.limit))
	case err != nil && err != io.EOF:
		err = o.failed(fmt.Errorf("reading the answer: %w", err))
	}
	if o.err = err; err != nil {
		o.idle.End()
	}
	return n, err
}

// Close drops the rest of the answer.
func (o *opened) Close() error {
	err := o.ReadCloser.Close()
	o.idle.End()
	return err
}
