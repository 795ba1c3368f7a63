package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client"
)

// Ten redirects are followed. One that leads elsewhere is told as that, whichever it is.
func TestLastRedirect(t *testing.T) {
	for name, c := range map[string]struct {
		redirects int
		last      string // where it leads to
		want      func(error) bool
	}{
		"ten":                  {10, "/end", func(err error) bool { return err == nil }},
		"eleven":               {11, "/end", func(err error) bool { return err != nil && strings.Contains(err.Error(), "stopped after 10 redirects") }},
		"the tenth elsewhere":  {10, "https://elsewhere.test/", leavesOrigin},
		"the eleventh as well": {11, "https://elsewhere.test/", leavesOrigin},
	} {
		n := 0
		cl := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
			if n++; n > c.redirects {
				return answer(req, 200, "{}"), nil
			}
			to := fmt.Sprint("/", n)
			if n == c.redirects {
				to = c.last
			}
			return answer(req, 302, "", "Location: "+to), nil
		})
		if _, err := cl.Call(t.Context(), client.Request{Endpoint: "/a"}); !c.want(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func leavesOrigin(err error) bool {
	var left *client.OriginError
	return errors.As(err, &left) && left.Redirect && left.Target == "https://elsewhere.test"
}

// A request that says it follows an answer, but not to which request, is sent like any other, and its
// error says what became of it.
func TestRedirectOfNoRequest(t *testing.T) {
	down := errors.New("down")
	cl := stubbed(t, apiBase, func(*http.Request) (*http.Response, error) { return nil, down })
	req, err := http.NewRequestWithContext(t.Context(), "GET", apiBase+"/a", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Response = new(http.Response)
	if _, err := cl.HTTPClient().Transport.RoundTrip(req); !errors.Is(err, down) {
		t.Errorf("got %v", err)
	}
}
