package redact

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Header returns a header without the secret in names and values: from itself if there is nothing to
// hide, and a copy else.
func (s *Secret) Header(from http.Header) http.Header {
	out, copied := from, false
	shows := func(text string) bool { return s.Hide(text) != text }
	for name, values := range from {
		if !shows(name) && !slices.ContainsFunc(values, shows) {
			continue
		}
		if !copied {
			out, copied = from.Clone(), true
		}
		delete(out, name)
		name = s.Hide(name) // two that differed in the secret are one now
		for _, v := range values {
			out[name] = append(out[name], s.Hide(v))
		}
	}
	return out
}

// Marked reports whether the path or the query of a URL has a Mark in it.
func Marked(u *url.URL) bool {
	return strings.Contains(u.Path, Mark) || strings.Contains(u.RawQuery, Mark)
}

// Restore returns a copy of a URL with the secret in place of each Mark, escaped as the
// path or the query needs it: what Hide did to the target of a redirect is undone.
func (s *Secret) Restore(from *url.URL) *url.URL {
	u := *from
	u.RawQuery = strings.ReplaceAll(u.RawQuery, Mark, url.QueryEscape(s.secret))
	escaped := url.PathEscape(s.secret)
	u.RawPath = strings.NewReplacer(Mark, escaped, url.PathEscape(Mark), escaped).Replace(u.EscapedPath())
	u.Path = strings.ReplaceAll(u.Path, Mark, s.secret)
	return &u
}
