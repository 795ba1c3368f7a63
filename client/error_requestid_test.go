package client_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/advoware-go/advoware/client"
)

// The server's name for a request is found in each of the usual headers.
func TestRequestID(t *testing.T) {
	for name, tt := range map[string]struct {
		header http.Header
		want   string
	}{
		"X-Request-Id": {http.Header{"X-Request-Id": {"a"}, "Request-Id": {"b"}, "X-Correlation-Id": {"c"}}, "a"},
		"Request-Id":   {http.Header{"X-Request-Id": {""}, "Request-Id": {"b"}, "X-Correlation-Id": {"c"}}, "b"},
		"correlation":  {http.Header{"X-Correlation-Id": {"c"}}, "c"},
		"none":         {nil, ""},
	} {
		c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
			resp := answer(req, 404, "")
			resp.Header = tt.header
			return resp, nil
		})
		_, err := c.Call(t.Context(), client.Request{})
		var got *client.APIError
		if !errors.As(err, &got) || got.RequestID != tt.want {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}
