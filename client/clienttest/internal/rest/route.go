// Package rest is how the API of the fake is asked and answers: paths and methods, bodies
// that are read as leniently as .NET reads them, arrays that are made while they are
// written, refusals with a German sentence.
package rest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
)

// Call is a request with its body.
type Call struct {
	*http.Request
	Body  []byte
	Query url.Values
	Parts []string // of the path, where the route has {}
}

// Number returns a part of the path as a row is numbered: 7, not 07.
func (c *Call) Number(part int) (int, bool) { return Number(c.Parts[part]) }

// Number reads the number of a row.
func Number(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && strconv.Itoa(n) == text
}

// Methods is what a resource can do. HEAD comes with GET.
type Methods map[string]func(*Call) *answer.Answer

// Route is a resource with the parts of its path.
type Route struct {
	parts []string
	does  Methods
}

// Path is a resource at a path in which {} is any part.
func Path(pattern string, does Methods) Route { return Route{strings.Split(pattern, "/"), does} }

// match returns the parts of a path for which the route has {}.
func (r Route) match(parts []string) (free []string, ok bool) {
	if len(parts) != len(r.parts) {
		return nil, false
	}
	for i, want := range r.parts {
		switch {
		case want == "{}" && parts[i] != "":
			free = append(free, parts[i])
		case want != parts[i]:
			return nil, false
		}
	}
	return free, true
}

// Serve answers a request to one of the routes.
func Serve(routes []Route, c *Call) *answer.Answer {
	parts := strings.Split(c.URL.Path, "/")
	for _, r := range routes {
		free, ok := r.match(parts)
		if !ok {
			continue
		}
		c.Parts = free
		method := c.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		do, ok := r.does[method]
		if !ok {
			return answer.MethodNotAllowed(r.does.allowed()...)
		}
		return do(c)
	}
	return answer.NotFound()
}

func (m Methods) allowed() []string {
	var names []string
	for name := range m {
		names = append(names, name)
		if name == http.MethodGet {
			names = append(names, http.MethodHead)
		}
	}
	slices.Sort(names)
	return names
}
