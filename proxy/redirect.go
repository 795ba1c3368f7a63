package proxy

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/advoware-go/advoware/internal/origin"
)

// redirectError is a redirect that is not passed on.
type redirectError struct{ message string }

func (e *redirectError) Error() string { return e.message }

// relocate has the links in an answer lead to the proxy. A redirect that leaves the origin is
// an error; a link that does is left as it is.
func (o *office) relocate(resp *http.Response, to target) error {
	redirects := resp.StatusCode >= 300 && resp.StatusCode < 400
	for _, name := range []string{"Location", "Content-Location"} {
		// Clients differ in which of several they take: the first one that says something becomes
		// the only one.
		i := slices.IndexFunc(resp.Header[name], func(value string) bool { return value != "" })
		if i < 0 {
			continue
		}
		value := resp.Header[name][i]
		link, err := o.link(resp.Request.Context(), value, to)
		switch {
		case err == nil:
			resp.Header.Set(name, link)
		case redirects && name == "Location":
			return err
		}
	}
	return nil
}

// link returns a link of an answer as one within the proxy: a path, because a client knows best
// under which address it calls the proxy.
func (o *office) link(ctx context.Context, value string, to target) (string, error) {
	present, err := o.Client.BaseURL(ctx)
	if err != nil {
		return "", err
	}
	asked := *to.url
	asked.Scheme, asked.Host = present.Scheme, present.Host
	u, err := asked.Parse(value)
	if err != nil {
		return "", &redirectError{"the office answered with a redirect to something that is no URL"}
	}
	if !origin.Same(u, present) {
		return "", &redirectError{fmt.Sprintf("the office answered with a redirect to another server, %.200s, which is not followed: the token is not meant for it", origin.Of(u))}
	}
	base, path := basePath(o.transport.Origin), rawPath(u)
	rest, below := strings.CutPrefix(path, base)
	if !below || rest != "" && rest[0] != '/' || climbs(rest) { // clients take %2e%2e for ..
		return "", &redirectError{"the office answered with a redirect to a path outside of the base URL of its API"}
	}
	if rest == "" {
		rest = "/"
	}
	if o.Prefix == "" && strings.HasPrefix(rest, "//") { // which would be the name of a host
		rest = "/." + rest
	}
	link := url.URL{RawQuery: u.RawQuery, ForceQuery: u.ForceQuery, Fragment: u.Fragment, RawFragment: u.RawFragment}
	return o.Prefix + rest + link.String(), nil
}

// redirected is the failure of a redirect. Whether the office has done what was asked for is
// not known.
func redirected(method string, err *redirectError) *failure {
	f := &failure{Kind: Redirect, message: err.message, cause: err, outcome: maybeDone}
	if method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions {
		f.outcome = ""
	}
	return f
}
