package client

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/internal/redact"
	"github.com/advoware-go/advoware/store"
)

// hideLocation takes the token out of the target of a redirect: it must not leave the
// origin, and net/http repeats a target in its errors and in Referer. Within the origin
// unhidden puts it back.
func (t *Transport) hideLocation(resp *http.Response, tok store.Token) {
	values := resp.Header["Location"]
	if len(values) == 0 {
		return
	}
	location := values[0]
	if resp.StatusCode < 300 || resp.StatusCode > 399 {
		if u, err := t.Origin.Parse(location); err == nil && origin.Same(u, t.Origin) {
			return
		}
	}
	if hidden := newHider(tok).hide(location); hidden != location {
		resp.Header.Set("Location", hidden)
	}
}

// unhidden returns the URL that a request is sent to: its own, or, if it follows a
// redirect whose target had the token in it, that with the token of this request.
func (t *Transport) unhidden(req *http.Request, tok store.Token) *url.URL {
	if req.Response == nil || !strings.Contains(req.URL.Path, redact.Mark) && !strings.Contains(req.URL.RawQuery, redact.Mark) {
		return req.URL
	}
	u := *req.URL
	u.RawQuery = strings.ReplaceAll(u.RawQuery, redact.Mark, url.QueryEscape(tok.Reveal()))
	u.RawPath = strings.NewReplacer(redact.Mark, url.PathEscape(tok.Reveal()), url.PathEscape(redact.Mark), url.PathEscape(tok.Reveal())).Replace(u.EscapedPath())
	u.Path = strings.ReplaceAll(u.Path, redact.Mark, tok.Reveal())
	return &u
}
