package client

import (
	"errors"
	"net/http"

	"github.com/advoware-go/advoware/client/token"
)

// checkRequest returns why a request cannot be sent, nil if it can. Nothing but the scheme
// and the host of its URL may decide where it goes.
func (t *Transport) checkRequest(req *http.Request) error {
	source, ok := t.Source.(*token.Source)
	switch {
	case t.Source == nil, ok && source == nil:
		return errors.New("client: Transport.Source is required")
	case t.Origin == nil:
		return errors.New("client: Transport.Origin is required")
	case t.lines.Problem(t.tokenHeader()) != "":
		return errors.New("client: Transport.TokenHeader " + t.tokenHeader().Problem())
	case req == nil:
		return &RequestError{errors.New("client: the request is nil")}
	case req.URL == nil:
		return &RequestError{errors.New("client: the request has no URL")}
	case req.Method == http.MethodConnect || len(req.Header["Upgrade"]) > 0:
		return &RequestError{errors.New("client: CONNECT and Upgrade turn a connection into something else than HTTP requests, which is not supported")}
	case req.URL.Opaque != "" && t.ours(req.URL):
		return &RequestError{errors.New("client: the request's URL has an opaque part, which would decide where it goes: set URL.Path, and RawPath for its escapes")}
	}
	if t.ReadOnly {
		return checkReadOnly(req)
	}
	return nil
}
