package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"

	"github.com/advoware-go/advoware/internal/charset"
	"github.com/advoware-go/advoware/internal/jsonpart"
)

// errStopped ends the reading of an answer whose rest is not wanted.
var errStopped = errors.New("client: enough")

// Each makes a call whose answer is a JSON array, or has one in its Field, and hands out
// its elements one by one while they arrive, so that a large answer is never in memory as
// a whole. An empty answer has none, and neither has null.
//
//	for employee, err := range client.Each[Employee](ctx, c, client.Request{Endpoint: "/employees"}) {
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// Each range over it makes a call of its own, and its timeout covers the whole range, the
// work done in the loop included. An error comes last, beside a zero element; elements
// before it were good. Errors are those of Decode; an answer that is not an array is one
// too, and a Field that is there twice. MaxAnswer bounds each element, and each value
// before the array in an object, not the whole. Breaking out of the loop is no error: the
// rest of the answer is not read.
func Each[T any](ctx context.Context, c *Client, r Request, options ...Option) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		r := r // each range makes a call of its own
		r.apply(options)
		n := new(callState)
		err := c.exchange(ctx, &r, n, func(resp *http.Response) error {
			return eachOf(c, &r, n, resp, func(v T) bool { return yield(v, nil) })
		})
		if errors.Is(err, errStopped) {
			return
		}
		if err = c.failed(ctx, &r, n, err); err != nil {
			var zero T
			yield(zero, err)
		}
	}
}

// eachOf reads the elements of an answer.
func eachOf[T any](c *Client, r *Request, n *callState, resp *http.Response, yield func(T) bool) error {
	body := jsonpart.NewCounter(resp.Body)
	in, err := charset.NewReader(body, resp.Header.Get("Content-Type"))
	if err != nil {
		return badCharset(resp, body.N, err, n)
	}
	limit := c.maxAnswer(r)
	elements := jsonpart.NewReader(in, limit)
	broken := func(err error) error {
		var shape *jsonpart.ShapeError
		switch {
		case errors.Is(err, errStopped), errors.As(err, &shape):
			return err
		case errors.Is(err, jsonpart.ErrTooLong):
			return tooLong(limit)
		case body.Failed != nil:
			return fmt.Errorf("reading the answer: %w", body.Failed)
		case errors.Is(err, charset.Error):
			return badCharset(resp, body.N, err, n)
		case errors.Is(err, jsonpart.ErrSyntax):
			return notJSON(resp, body.N, n)
		}
		var element T
		return fmt.Errorf("decoding the answer into %T: %w", element, n.redactor(n.token).Error(err))
	}
	var path []string
	if r.Field != "" {
		path = jsonpart.Path(r.Field)
	}
	var element jsonpart.Feed
	d := json.NewDecoder(&element) // one for all, because a new one costs more than an element
	if r.UseNumber {
		d.UseNumber()
	}
	err = elements.Find(path, func(text []byte) error {
		end := element.Next(text)
		var v T
		err := d.Decode(&v)
		switch {
		case d.InputOffset() != end: // it is no JSON; "1x" is a 1 for the Decoder
			return jsonpart.ErrSyntax
		case err != nil:
			return err
		case !yield(v):
			return errStopped
		}
		return nil
	})
	if err != nil {
		return broken(err)
	}
	return nil
}
