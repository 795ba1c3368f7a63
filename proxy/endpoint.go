package proxy

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/advoware-go/advoware/internal/origin"
)

// EndpointPath is the path, below the Prefix of an office, at which the endpoint is named by
// a parameter: /advoware/proxy?endpoint=/employees&limit=5 asks for /employees?limit=5. It is
// the form of the service that programs may be written for already.
const EndpointPath = "/advoware/proxy"

// endpoint returns what a request to EndpointPath asks for. The other parameters go on as
// they were written.
func (o *office) endpoint(r *http.Request) (target, *failure) {
	refuse := func(message string) (target, *failure) {
		return target{}, &failure{Kind: BadEndpoint, message: message + " (such as " + EndpointPath + "?endpoint=/employees&limit=5)"}
	}
	var rest []string
	var value string
	n := 0
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		name, text, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err != nil || plain != "endpoint" {
			rest = append(rest, pair)
			continue
		}
		plain, err := url.QueryUnescape(text)
		if err != nil {
			return refuse("the parameter endpoint has a bad escape: write a % as %25")
		}
		value = plain
		n++
	}
	switch {
	case n == 0:
		return refuse("the parameter endpoint is missing: it is the path to ask for")
	case n > 1:
		return refuse("the parameter endpoint is there more than once")
	case strings.Trim(value, "/ ") == "":
		return refuse("the parameter endpoint is empty: it is the path to ask for")
	case strings.HasPrefix(value, "//"), strings.Contains(value, `\`):
		return refuse("the endpoint must be a path with one slash at the beginning, and no backslash")
	case strings.Contains(value, "?"):
		return refuse("the endpoint has a query of its own: give its parameters beside the endpoint")
	case climbs(value):
		return refuse("the endpoint has . or .. in it")
	}
	u, err := origin.Join(o.transport.Origin, value)
	if err != nil {
		return refuse(strings.TrimPrefix(err.Error(), "client: "))
	}
	u.RawQuery = strings.Join(rest, "&")
	path := rawPath(u)
	return target{u, "/" + strings.TrimLeft(strings.TrimPrefix(path, basePath(o.transport.Origin)), "/")}, nil
}

// basePath returns the path of a base URL without its last slash, still escaped.
func basePath(base *url.URL) string { return strings.TrimRight(base.EscapedPath(), "/") }

// climbs reports whether a path has a dot segment, escaped or not.
func climbs(path string) bool {
	if plain, err := url.PathUnescape(path); err == nil {
		path = plain
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}
