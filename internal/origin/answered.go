package origin

import (
	"net/http"
	"net/url"
	"strings"
)

// Answered returns the URL at which a request was answered, that of a websocket as one of HTTP;
// nil if that is not known.
func Answered(resp *http.Response) *url.URL {
	if resp == nil || resp.Request == nil || resp.Request.URL == nil {
		return nil
	}
	u := *resp.Request.URL
	if rest, ok := strings.CutPrefix(u.Scheme, "ws"); ok {
		u.Scheme = "http" + rest
	}
	return &u
}
