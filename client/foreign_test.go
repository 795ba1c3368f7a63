package client_test

import (
	"net/http"
	"testing"
)

// The Request of an answer from another server is the caller's own, too.
func TestRequestOfAnAnswerFromAnotherServer(t *testing.T) {
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) { return answer(req, 200, ""), nil })
	req, err := http.NewRequestWithContext(t.Context(), "GET", "https://elsewhere.test/a", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "mine")
	resp, err := c.HTTPClient().Transport.RoundTrip(req)
	if err := closed(resp, err); err != nil || resp.Request != req || req.Header.Get("Authorization") != "mine" {
		t.Errorf("%v, %v", resp, err)
	}
}
