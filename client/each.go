package client

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
)

// errStopped ends the reading of an answer that nobody wants the rest of.
var errStopped = errors.New("client: enough")

// Each makes a call whose answer is a JSON array, and hands out its elements one by
// one while they arrive, so that a large answer is never in memory as a whole. An
// empty answer has none.
//
//	for employee, err := range client.Each[Employee](ctx, c, client.Request{Endpoint: "/employees"}) {
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// The call is made anew each time somebody ranges over it, and its timeout covers the
// whole range, the work done in the loop included. An error comes last, beside a zero
// element; elements before it were good. Errors are those of Decode; an answer that is
// no array is one too. To break off is no error: the rest of the answer is not read.
func Each[T any](ctx context.Context, c *Client, r Request) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		r := r
		r.Method = cmp.Or(r.Method, http.MethodGet)
		var n notes
		err := c.exchange(ctx, &r, &n, func(resp *http.Response) error {
			return eachOf(resp, &n, func(v T) bool { return yield(v, nil) })
		})
		if errors.Is(err, errStopped) {
			return
		}
		if err = c.failed(ctx, &r, err); err != nil {
			var zero T
			yield(zero, err)
		}
	}
}

// eachOf reads the elements of an answer.
func eachOf[T any](resp *http.Response, n *notes, yield func(T) bool) error {
	body := &counted{r: resp.Body}
	in := bufio.NewReader(body)
	if mark, _ := in.Peek(3); string(mark) == "\xef\xbb\xbf" {
		_, _ = in.Discard(len(mark))
	}
	d := json.NewDecoder(in)
	broken := func(err error) error {
		var syntax *json.SyntaxError
		switch {
		case body.err != nil && !errors.Is(body.err, io.EOF):
			return fmt.Errorf("reading the answer: %w", newHider(n.token).error(body.err))
		case errors.As(err, &syntax), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return notJSON(resp, body.n, n.token)
		}
		var element T
		return fmt.Errorf("decoding the answer into %T: %w", element, newHider(n.token).error(err))
	}
	begin, err := d.Token()
	switch {
	case errors.Is(err, io.EOF) && errors.Is(body.err, io.EOF):
		return nil // empty
	case err != nil:
		return broken(err)
	case begin != json.Delim('['):
		return errors.New("the answer is JSON, but no array")
	}
	for d.More() {
		var v T
		if err := d.Decode(&v); err != nil {
			return broken(err)
		}
		if !yield(v) {
			return errStopped
		}
	}
	if _, err := d.Token(); err != nil { // the end of the array
		return broken(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return notJSON(resp, body.n, n.token) // something comes after it
	}
	return nil
}

// counted counts what is read, and remembers how that ended.
type counted struct {
	r   io.Reader
	n   int
	err error
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	c.err = err
	return n, err
}
