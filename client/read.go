package client

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"

	"github.com/advoware-go/advoware/internal/charset"
	"github.com/advoware-go/advoware/internal/jsonpart"
	"github.com/advoware-go/advoware/internal/readall"
)

// DefaultMaxAnswer is how many bytes of an answer are held in memory by default: 64 MiB.
const DefaultMaxAnswer = 64 << 20

// maxAnswer returns the bound of an answer; negative means none.
func (c *Client) maxAnswer(r *Request) int64 {
	return min(cmp.Or(r.MaxAnswer, c.maxBytes), math.MaxInt64-1) // one more is read to see that it was not all
}

func tooLong(limit int64) error {
	return fmt.Errorf("%w: it has more than %d bytes, which is MaxAnswer", ErrTooLong, limit)
}

// readJSON reads a good answer to a Request, and returns the part of it that is wanted.
func (c *Client) readJSON(r *Request, n *callState, resp *http.Response, valid func([]byte) bool) (json.RawMessage, error) {
	limit := c.maxAnswer(r)
	body, err := readAll(resp, n, limit)
	switch {
	case errors.Is(err, ErrTooLong):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	size := len(body)
	body, err = charset.JSON(body, resp.Header.Get("Content-Type"))
	switch {
	case err != nil:
		return nil, badCharset(resp, size, err, n)
	case limit >= 0 && int64(len(body)) > limit: // characters may be longer in UTF-8
		return nil, tooLong(limit)
	case len(bytes.TrimSpace(body)) == 0:
		return nil, nil
	}
	if r.Field != "" {
		if !json.Valid(body) {
			return nil, notJSON(resp, size, n)
		}
		if body, err = jsonpart.Field(body, r.Field); err != nil {
			return nil, err
		}
	}
	if !valid(body) {
		return nil, notJSON(resp, size, n)
	}
	return body, nil
}

// readAll is io.ReadAll for a body whose length is usually known.
func readAll(resp *http.Response, n *callState, limit int64) ([]byte, error) {
	if n.body.ReadCloser == http.NoBody { // whatever length is announced: of what was not changed, say
		return nil, nil
	}
	size := readall.Announced(resp)
	if limit >= 0 && size > limit {
		return nil, tooLong(limit)
	}
	var from io.Reader = resp.Body
	if limit >= 0 {
		n.left = io.LimitedReader{R: resp.Body, N: limit + 1}
		from = &n.left
	}
	body, err := readall.Read(from, size)
	if err == nil && limit >= 0 && int64(len(body)) > limit {
		err = tooLong(limit)
	}
	return body, err
}

func notJSON(resp *http.Response, size int, n *callState) error {
	h := n.redactor(n.token)
	after := ""
	if resp.Request.Response != nil { // a log-in page, as a rule
		after = ", after a redirect to " + h.Hide(nameOf(resp.Request.URL))
	}
	packed := ""
	if encoding := resp.Header.Get("Content-Encoding"); encoding != "" { // net/http unpacks what it asked for
		packed = fmt.Sprintf(", packed as %.100q, which was not asked for", h.Hide(encoding))
	}
	return fmt.Errorf("%w: status %d, %d bytes of %.100q%s%s", ErrNotJSON, resp.StatusCode, size, h.Hide(resp.Header.Get("Content-Type")), packed, after)
}

func badCharset(resp *http.Response, size int, err error, n *callState) error {
	if resp.Header.Get("Content-Encoding") != "" {
		return notJSON(resp, size, n)
	}
	return fmt.Errorf("%w: %w", ErrCharset, n.redactor(n.token).Error(err))
}
