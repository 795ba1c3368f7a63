package client

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/internal/redact"
	"github.com/advoware-go/advoware/internal/sent"
)

const maxRedirects = 10

// RedirectError is a redirect that is not followed, because net/http would send
// something else than what was asked for: after 301, 302 and 303 it makes a GET without
// a body of each request but a HEAD. What was to be written would not be, and the answer
// to the GET would look like success. (307 and 308 repeat the method and the body, and
// are followed within the origin.) Whether the server has carried the request out before
// it answered is not known; with 303 it usually has.
//
// One that would leave the origin besides matches [*OriginError] too.
type RedirectError struct {
	Status      int    // of the redirect: 301, 302 or 303
	Method      string // of the request that was answered with it
	Path        string // of that request, without the query
	Instead     string // the method that would have been sent: GET
	WithoutBody bool   // the method is the same, and the body would have been left out
	Target      string // where to: the path within the origin, without the query, else the other origin
	Err         error  // an *OriginError if it would leave the origin, else nil
}

func (e *RedirectError) Error() string {
	without := ""
	if e.WithoutBody {
		without = " without its body"
	}
	return redact.OneLine(fmt.Sprintf("client: %s %s was answered by a redirect (%d %s) to %s, where %s%s would be sent: not followed",
		e.Method, e.Path, e.Status, http.StatusText(e.Status), e.Target, "a "+e.Instead, without), maxErrorText)
}

// Unwrap returns Err.
func (e *RedirectError) Unwrap() error { return e.Err }

// Is reports whether target is ErrMaybeDone.
func (e *RedirectError) Is(target error) bool { return target == ErrMaybeDone }

// checkRedirect is the CheckRedirect of all that a Client sends.
func (c *Client) checkRedirect(req *http.Request, via []*http.Request) error {
	var leaves error
	if !c.transport.within(req) {
		leaves = &OriginError{Origin: origin.Of(c.transport.api()), Target: origin.Of(req.URL), Redirect: true}
	}
	if err := c.another(req, via[len(via)-1]); err != nil {
		if err.Target = nameOf(req.URL); leaves != nil {
			err.Target, err.Err = origin.Of(req.URL), leaves
		}
		return err
	}
	if leaves == nil && len(via) > maxRedirects {
		return sent.Maybe(fmt.Errorf("client: stopped after %d redirects", maxRedirects))
	}
	return leaves
}

// within reports whether a request that follows a redirect stays at the present address.
// What is relative does; Origin, if it is named in full, is another server by then.
func (t *Transport) within(next *http.Request) bool {
	at := t.present()
	if at == nil || next.Response == nil {
		return t.ours(next.URL)
	}
	u, err := at.API.Parse(next.Response.Header.Get("Location"))
	return err == nil && origin.Same(u, at.API) && t.ours(next.URL)
}

// another returns an error if next is another request than the one before it, and not
// the same one at another place.
func (c *Client) another(next, before *http.Request) *RedirectError {
	method := methodOf(before)
	withoutBody := before.Body != nil && before.Body != http.NoBody && next.Body == nil
	if methodOf(next) == method && !withoutBody {
		return nil
	}
	e := &RedirectError{Method: method, Path: nameOf(before.URL), Instead: methodOf(next), WithoutBody: methodOf(next) == method}
	if next.Response != nil {
		e.Status = next.Response.StatusCode
	}
	return e
}

// methodOf returns the method that a request is sent with.
func methodOf(req *http.Request) string {
	if req.Method == "" {
		return http.MethodGet
	}
	return req.Method
}

// nameOf names a URL within the origin in an error: its path.
func nameOf(u *url.URL) string { return redact.OneLine(u.Path, 200) }

// afterWrite reports whether a request is what net/http makes of a write that was answered by
// a redirect: a GET, of which the caller does not know.
func afterWrite(req *http.Request) bool {
	for next := req; next != nil && next.Response != nil; next = next.Response.Request {
		if before := next.Response.Request; before != nil && !readOnly(before.Method) && before.Method != next.Method {
			return true
		}
	}
	return false
}
