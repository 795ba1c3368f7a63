package redact

import (
	"net/http"
	"net/url"
	"strings"
)

// Header returns a copy of a header without the secret in names and values.
func (s *Secret) Header(from http.Header) http.Header {
	out := make(http.Header, len(from))
	room := 0
	for _, values := range from {
		room += len(values)
	}
	all := make([]string, 0, room) // one for all values
	for name, values := range from {
		begin := len(all)
		for _, v := range values {
			all = append(all, s.Hide(v))
		}
		if name = s.Hide(name); len(values) > 0 {
			if hidden, twice := out[name]; twice { // two names that differed in the secret
				out[name] = append(hidden, all[begin:]...)
			} else {
				out[name] = all[begin:len(all):len(all)]
			}
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
