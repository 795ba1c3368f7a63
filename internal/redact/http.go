package redact

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Header returns a copy of a header without the secret in names and values. Where there is nothing
// to hide, the values are those of from.
func (s *Secret) Header(from http.Header) http.Header {
	shows := func(text string) bool { return s.Hide(text) != text }
	found := false
	for name, values := range from {
		found = found || shows(name) || slices.ContainsFunc(values, shows)
	}
	if !found {
		return maps.Clone(from)
	}
	out := make(http.Header, len(from))
	for name, values := range from {
		name = s.Hide(name)
		kept := out[name] // of another name that differed in the secret
		for _, v := range values {
			kept = append(kept, s.Hide(v))
		}
		out[name] = kept
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
