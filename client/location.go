package client

import (
	"net/http"
	"net/url"

	"github.com/advoware-go/advoware/internal/redact"
	"github.com/advoware-go/advoware/store"
)

// redactLocation takes the token out of the target of a redirect: it must not leave the
// origin, and net/http repeats a target in its errors and in Referer. Within the origin
// unredacted puts it back.
func (t *Transport) redactLocation(resp *http.Response, tok store.Token) {
	location := resp.Header["Location"][0]
	if resp.StatusCode < 300 || resp.StatusCode > 399 {
		if u, err := t.Origin.Parse(location); err == nil && t.ours(u) {
			return
		}
	}
	if hidden := redactor(tok).Hide(location); hidden != location {
		location = hidden
		resp.Header.Set("Location", location)
	}
	if _, err := t.Origin.Parse(location); err != nil && resp.StatusCode >= 300 && resp.StatusCode <= 399 {
		resp.Header.Set("Location", noLocation)
	}
}

// noLocation replaces a target that cannot be parsed, which net/http would quote in an
// error: there may be secrets in it that are not known. It cannot be parsed either.
const noLocation = "http://[not a URL, and not shown]"

// unredacted returns the URL that a request which follows a redirect is sent to: its own,
// or, if the target of the redirect had the token in it, that with the token of this
// request.
func unredacted(req *http.Request, tok store.Token) *url.URL {
	if !redact.Marked(req.URL) {
		return req.URL
	}
	return redactor(tok).Restore(req.URL)
}
