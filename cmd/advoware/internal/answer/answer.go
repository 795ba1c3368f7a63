// Package answer makes a call and has its answer ready to be shown: JSON as UTF-8, or the
// bytes of something else, of any length. What is short enough is looked at as a whole before
// any of it is shown.
package answer

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/internal/charset"
	"github.com/advoware-go/advoware/internal/redact"
)

// Held is how much of an answer is in memory at most, unless Options says otherwise.
const Held = 8 << 20

// Options say what is made of an answer.
type Options struct {
	// Raw takes an answer of any kind as it was sent.
	Raw bool
	// Timeout bounds the call, token, retry and body included; the time in which what was
	// read is written elsewhere does not count.
	Timeout time.Duration
	// Whole is how many bytes of an answer are held in memory; a longer one is an error that
	// matches client.ErrTooLong. 0 means that Held bytes are, and the rest is read later.
	Whole int
}

// Answer is a good answer. Close it.
type Answer struct {
	Proto  string // such as HTTP/1.1
	Status int
	Header http.Header
	// Binary says that the body is no text: a PDF, an image.
	Binary bool
	// JSON says that it is JSON, or has to be, as far as it was not yet looked at.
	JSON bool

	head    []byte
	rest    io.Reader // nil if head is all
	bound   *bound
	resp    *http.Response
	request client.Request
}

// Fetch makes a call. Errors are those of client.Open and of Client.Call.
func Fetch(ctx context.Context, api *client.Client, r client.Request, o Options) (*Answer, error) {
	if r.Header.Get("Accept") == "" {
		r.Header = r.Header.Clone()
		if r.Header == nil {
			r.Header = make(http.Header)
		}
		r.Header.Set("Accept", "application/json, */*;q=0.5")
	}
	r.Timeout = -1
	within := newBound(ctx, o.Timeout)
	resp, err := client.Open(within, api, r)
	if err != nil {
		within.end(context.Canceled)
		return nil, err
	}
	a := &Answer{bound: within, Proto: resp.Proto, Status: resp.StatusCode, Header: resp.Header, resp: resp, request: r}
	if err := a.read(o); err != nil {
		a.Close()
		return nil, a.failed(err)
	}
	if !o.Raw && !a.Binary && a.rest == nil && !a.JSON && len(bytes.TrimSpace(a.head)) > 0 {
		a.Close()
		return nil, a.failed(a.notJSON(ctx, api))
	}
	return a, nil
}

// read reads the beginning of the body, and finds out what it is.
func (a *Answer) read(o Options) error {
	contentType := a.resp.Header.Get("Content-Type")
	var body io.Reader = a.resp.Body
	decoded := false
	a.Binary = isBinary(contentType)
	if !o.Raw && !a.Binary {
		text, err := charset.NewReader(body, contentType)
		if err != nil {
			return fmt.Errorf("%w: its character set is not known", client.ErrCharset)
		}
		if body, decoded = text, text.Decoded; !decoded {
			body = transform.NewReader(text, encoding.UTF8Validator)
		}
	}
	most := cmp.Or(o.Whole, Held)
	var head bytes.Buffer
	n, err := io.CopyN(&head, body, int64(most)+1)
	a.head = head.Bytes()
	switch {
	case errors.Is(err, encoding.ErrInvalidUTF8) && a.Header.Get("Content-Encoding") != "":
		return fmt.Errorf("%w: status %d, packed in a way that was not asked for", client.ErrNotJSON, a.Status)
	case errors.Is(err, encoding.ErrInvalidUTF8), decoded && bytes.ContainsRune(a.head, utf8.RuneError):
		return fmt.Errorf("%w: it has bytes that are not in its character set (--raw prints it as it is)", client.ErrCharset)
	case err != nil && err != io.EOF:
		return err
	case n > int64(most) && o.Whole > 0:
		return fmt.Errorf("%w: it has more than %d bytes", client.ErrTooLong, o.Whole)
	case n > int64(most):
		a.rest, a.JSON = body, !o.Raw && !a.Binary
		return nil
	}
	if a.JSON = json.Valid(a.head); a.JSON {
		a.Binary = false
	}
	return nil
}

// isBinary reports whether a Content-Type is of something else than text.
func isBinary(contentType string) bool {
	media, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	media = strings.TrimSpace(media)
	return media != "" && !strings.HasPrefix(media, "text/") && !strings.HasPrefix(media, "multipart/") &&
		!strings.HasSuffix(media, "json") && !strings.HasSuffix(media, "xml") && !strings.HasSuffix(media, "script") &&
		!strings.HasSuffix(media, "x-www-form-urlencoded") && strings.Contains(media, "/")
}

// Empty reports whether there is nothing to show.
func (a *Answer) Empty() bool {
	return a.rest == nil && (len(a.head) == 0 || !a.Binary && len(bytes.TrimSpace(a.head)) == 0)
}

// Body returns the body, as far as it was read by Fetch; all of it if Options.Whole is set, nil
// for one that is empty.
func (a *Answer) Body() []byte {
	if a.Empty() {
		return nil
	}
	return a.head
}

// writeTo writes the body.
func (a *Answer) writeTo(w io.Writer) error {
	to := paused{w, a.bound}
	if _, err := to.Write(a.head); err != nil || a.rest == nil {
		return err
	}
	_, err := io.Copy(to, a.rest)
	if errors.Is(err, encoding.ErrInvalidUTF8) {
		err = a.failed(fmt.Errorf("%w: it has bytes that are not in its character set", client.ErrCharset))
	}
	return err
}

// Close drops what was not read.
func (a *Answer) Close() {
	_ = a.resp.Body.Close()
	a.bound.end(context.Canceled)
}

// failed returns err, of what was done with the body, as the error of the call.
func (a *Answer) failed(err error) error {
	var call *client.CallError
	if errors.As(err, &call) {
		return err
	}
	path, _, _ := strings.Cut(a.request.Endpoint, "?")
	return &client.CallError{Method: a.request.Method, Endpoint: path, Sent: true, Err: err}
}

// notJSON says what came instead. The server may have repeated the token.
func (a *Answer) notJSON(ctx context.Context, api *client.Client) error {
	what := fmt.Sprintf("%.100q", Hide(ctx, api, a.Header).Get("Content-Type"))
	after := ""
	if r := a.resp.Request; r != nil && r.Response != nil { // a log-in page, as a rule
		after = ", after a redirect"
	}
	return fmt.Errorf("%w: status %d, %d bytes of %s%s (--raw prints it)", client.ErrNotJSON, a.Status, len(a.head), what, after)
}

// Hide returns the header of an answer without the token, which a server may have repeated.
func Hide(ctx context.Context, api *client.Client, header http.Header) http.Header {
	tok, err := api.Source().Token(ctx, 0)
	if err != nil {
		return http.Header{"X-Not-Shown": {"the token that must not be in it is not known any more"}}
	}
	return redact.NewToken(tok.Reveal()).Header(header)
}
