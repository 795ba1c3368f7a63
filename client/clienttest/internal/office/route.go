package office

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
)

// call is a request with its body.
type call struct {
	*http.Request
	body  []byte
	query url.Values
	parts []string // of the path, where the route has {}
}

// number returns a part of the path as a row is numbered: 7, not 07.
func (c *call) number(part int) (int, bool) { return number(c.parts[part]) }

func number(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && strconv.Itoa(n) == text
}

// methods is what a resource can do. HEAD comes with GET.
type methods map[string]func(*call) *answer.Answer

// route is a resource with the parts of its path.
type route struct {
	parts []string
	does  methods
}

func path(pattern string, does methods) route { return route{strings.Split(pattern, "/"), does} }

// match returns the parts of a path for which the route has {}.
func (r route) match(parts []string) (free []string, ok bool) {
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

func serve(routes []route, c *call) *answer.Answer {
	parts := strings.Split(c.URL.Path, "/")
	for _, r := range routes {
		free, ok := r.match(parts)
		if !ok {
			continue
		}
		c.parts = free
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

func (m methods) allowed() []string {
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
