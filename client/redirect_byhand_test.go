package client_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/advoware-go/advoware/client"
)

// Code that follows redirects by itself may ask the CheckRedirect of the HTTPClient, with requests that
// know of no answer before them.
func TestCheckRedirectByHand(t *testing.T) {
	o, a := startOffices(t), startAPI(t, nil)
	o.names.Store(a.URL)
	never := func(*http.Request) (*http.Response, error) { panic("sent") }
	for base, c := range map[string]*client.Client{apiBase: stubbed(t, apiBase, never), a.URL + "/": moving(t, o, true)} {
		if _, err := c.BaseURL(t.Context()); err != nil {
			t.Fatal(err)
		}
		check := func(method, target string) error {
			before, next := must(http.NewRequest("GET", base+"a", nil)), must(http.NewRequest(method, target, nil))
			return c.HTTPClient().CheckRedirect(next, []*http.Request{before})
		}
		var another *client.RedirectError
		if err := check("GET", base+"b"); err != nil {
			t.Errorf("%s, within: %v", base, err)
		}
		if err := check("GET", "https://evil.test/b"); !errors.As(err, new(*client.OriginError)) {
			t.Errorf("%s, to another origin: %v", base, err)
		}
		before, next := must(http.NewRequest("GET", base+"a", nil)), must(http.NewRequest("GET", base+"b", nil))
		next.Response = &http.Response{Header: http.Header{"Location": {"http://[::1"}}}
		err := c.HTTPClient().CheckRedirect(next, []*http.Request{before})
		if left := errors.As(err, new(*client.OriginError)); left != (base != apiBase) {
			t.Errorf("%s, to what is no URL: %v", base, err)
		}
		if err := check("POST", base+"b"); !errors.As(err, &another) || another.Status != 0 {
			t.Errorf("%s, with another method: %v", base, err)
		}
	}
}
