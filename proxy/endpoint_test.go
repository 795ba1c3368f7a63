package proxy_test

import (
	"strings"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/proxy"
)

// The form of the service that programs are written for.
func TestEndpoint(t *testing.T) {
	r, requests := seen(t, options{config: func(c *advoware.Config) { c.BaseURL += "api/" }})
	for query, want := range map[string]string{
		"endpoint=/employees":                               "/api/employees",
		"endpoint=employees&limit=5":                        "/api/employees?limit=5",
		"limit=5&endpoint=%2Femployees&name=M%c3%bcller+x&": "/api/employees?limit=5&name=M%c3%bcller+x&",
		"endpoint=/Akten/M%C3%BCller%20x":                   "/api/Akten/M%C3%BCller%20x",
		"endpoint=/Akten/a%252Fb":                           "/api/Akten/a%2Fb",
		"end%70oint=/x&endpoints=y":                         "/api/x?endpoints=y",
		"endpoint=/a//b/":                                   "/api/a//b/",
		"endpoint=/x&a=b&a=c&d&e=%zz":                       "/api/x?a=b&a=c&d&e=%zz",
	} {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} {
			got := r.do(t, method, "/advoware/proxy?"+query, `{"text":"Gütetermin"}`)
			up := <-requests
			if got.StatusCode != 200 || up.Method != method || up.RequestURI != want || up.ContentLength != 22 {
				t.Errorf("%s %s: %s, and %s %s goes up, with %d bytes; want %s", method, query, got.Status, up.Method, up.RequestURI, up.ContentLength, want)
			}
		}
	}
}

func TestEndpointRefuses(t *testing.T) {
	r, requests := seen(t, options{})
	for query, why := range map[string]string{
		"": "missing", "limit=5": "missing", "Endpoint=/x": "missing", "endpoint": "empty", "endpoint=": "empty", "endpoint=/": "empty",
		"endpoint=/a&endpoint=/b": "more than once", "endpoint=/a&end%70oint=/b": "more than once",
		"endpoint=https://evil.example/x": "URL", "endpoint=//evil.example/x": "one slash", "endpoint=%2F%2Fevil.example": "one slash", `endpoint=\\evil.example`: "backslash",
		"endpoint=/a/../b": "..", "endpoint=..": "..", "endpoint=/a/%2e%2e/b": "..", "endpoint=/a/%252e%252e/b": "..", "endpoint=/./a": "..",
		"endpoint=/a?b=c": "beside the endpoint", "endpoint=/a%3Fb": "beside the endpoint", "endpoint=/a%23b": "fragment", "endpoint=/a%0d%0aX:y": "control", "endpoint=%zz": "escape", "endpoint=/100%25": "escape",
	} {
		got := r.do(t, "GET", "/advoware/proxy?"+query, "").wantProblem(t, 400, proxy.BadEndpoint)
		if !strings.Contains(got.Message, why) || got.Outcome != "not_sent" || got.Office != "muster" {
			t.Errorf("%s: %+v, want something about: %s", query, got, why)
		}
	}
	if len(requests) > 0 {
		t.Error("something was sent")
	}
}
