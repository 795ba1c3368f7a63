package origin_test

import (
	"net/url"
	"testing"

	"github.com/advoware-go/advoware/internal/origin"
)

// What a server was asked for goes below the base as it was written.
func TestBelow(t *testing.T) {
	for asked, want := range map[string]string{
		"/": "/api/", "/a": "/api/a", "//a": "/api//a", "///a//": "/api///a//", "/a%2Fb/..": "/api/a%2Fb/..", "/a%2f%C3%BC": "/api/a%2f%C3%BC", "/a;b": "/api/a;b",
		"/a?": "/api/a?", "/a?b=%zz&c;d=\xc3\xbc": "/api/a?b=%zz&c;d=\xc3\xbc", "/%": "", "/@evil.example": "/api/@evil.example", "/:80/": "/api/:80/", "/a[1]": "/api/a[1]", "/\xc3\xbc": "/api/%C3%BC",
	} {
		u, err := url.ParseRequestURI(asked)
		if err != nil {
			if want != "" {
				t.Errorf("%s: %v", asked, err)
			}
			continue
		}
		path := u.RawPath
		if path == "" {
			path = u.EscapedPath()
		}
		got, err := origin.Below(parse(t, "https://host:90/api/"), path, u)
		if err != nil || got.RequestURI() != want || origin.Of(got) != "https://host:90" {
			t.Errorf("%s: %v, %v; want %s", asked, got, err, want)
		}
	}
}
