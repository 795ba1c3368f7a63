package client

import (
	"net/http"

	"github.com/advoware-go/advoware/internal/reserved"
	"github.com/advoware-go/advoware/internal/roundtrip"
	"github.com/advoware-go/advoware/internal/sent"
)

// foreign sends a request to another origin.
func (t *Transport) foreign(req *http.Request) (*http.Response, error) {
	out := copied(req)
	if h := t.strip(req.Header); h != nil {
		out.Header = h
	}
	guard(out, req.Body)
	out, tr := t.traced(out)
	resp, err := roundtrip.Exchange(roundtrip.Elsewhere(t.base()), out)
	if err != nil {
		closeBody(out)
		return nil, sent.Of(err, t.base(), tr)
	}
	resp.Request = req
	return resp, nil
}

// strip returns a copy of the header of a request to another origin, without what is only
// for the configured one: Authorization, the header of the token, and a Referer within it.
// It returns nil if there is none of them.
func (t *Transport) strip(h http.Header) http.Header {
	from := h["Referer"]
	ours := false
	for _, link := range from {
		u, err := t.Origin.Parse(link)
		ours = ours || err != nil || t.ours(u)
	}
	name := t.tokenHeader().Canonical()
	if !ours && !reserved.In(h, name) && !reserved.In(h, reserved.Authorization) {
		return nil
	}
	out := reserved.Without(h, name, 0)
	if name != reserved.Authorization {
		out = reserved.Without(out, reserved.Authorization, 0)
	}
	if ours {
		delete(out, "Referer")
	}
	return out
}
