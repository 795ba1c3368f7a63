// Package tokenheader is the header in which a token is sent: "Authorization: Bearer …", or any
// other one.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the package in context.
package tokenheader

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/advoware-go/advoware/internal/reserved"
	"github.com/advoware-go/advoware/store"
)

// Header is a client.TokenHeader. The zero value is "Authorization: Bearer …".
type Header struct {
	Name   string
	Prefix string
}

// taken are the headers that the client or net/http writes, and those that say where a
// request goes or how its body ends.
var taken = map[string]bool{
	"Accept": true, "Accept-Encoding": true, "Connection": true, "Content-Encoding": true, "Content-Length": true,
	"Content-Type": true, "Cookie": true, "Expect": true, "Host": true, "Keep-Alive": true, "Proxy-Authorization": true,
	"Proxy-Connection": true, "Referer": true, "Te": true, "Trailer": true, "Transfer-Encoding": true, "Upgrade": true,
	"User-Agent": true,
}

// Canonical returns the name as it stands in an http.Header.
func (h Header) Canonical() string {
	if h.Name == "" {
		return reserved.Authorization
	}
	return http.CanonicalHeaderKey(h.Name)
}

// Problem says why no token can be sent in h, "" if one can.
func (h Header) Problem() string {
	switch {
	case h.Name == "" && h.Prefix == "":
		return ""
	case h.Name == "":
		return "has a Prefix and no Name: set that to Authorization, or to the header that the API wants"
	case len(h.Name) > 100 || strings.ContainsFunc(h.Name, notInName):
		return fmt.Sprintf("has a Name that is none of a header: %.40q", h.Name)
	case taken[h.Canonical()]:
		return "has the Name " + h.Canonical() + ", which is sent for something else"
	case len(h.Prefix) > 100 || strings.HasPrefix(h.Prefix, " ") || strings.ContainsFunc(h.Prefix, func(r rune) bool { return r < ' ' || r > '~' }):
		return "has a Prefix that is not at most 100 characters of visible ASCII and spaces, or begins with a space"
	}
	return ""
}

// notInName is true for what is no tchar of RFC 9110, 5.6.2.
func notInName(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r))
}

// Lines has what was built for the last token, so that nothing is for each request. The zero
// value is ready. Nothing in it can be read by reflection, as in a store.Token.
type Lines struct{ last atomic.Pointer[line] }

type line struct {
	tok   store.Token
	name  string
	value []string
}

// Of returns the name and the value of h for tok. Both are shared, and must not be modified. It
// must be called with the same h each time.
func (l *Lines) Of(h Header, tok store.Token) (name string, value []string) {
	if h.Name == "" {
		return reserved.Authorization, tok.Header()
	}
	last := l.last.Load()
	if last == nil || last.tok != tok {
		last = &line{tok: tok, name: h.Canonical(), value: []string{h.Prefix + tok.Reveal()}}
		l.last.Store(last)
	}
	return last.name, last.value
}

// Problem is that of h, which is looked at until a first token was sent in it.
func (l *Lines) Problem(h Header) string {
	if l.last.Load() != nil {
		return ""
	}
	return h.Problem()
}
