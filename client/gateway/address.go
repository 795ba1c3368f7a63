package gateway

import (
	"context"
	"errors"
	"net/url"

	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/store"
)

// at returns a Gateway that is g at another address.
func (g *Gateway) at(u *url.URL) *Gateway {
	other := *g
	other.url, other.shown = u, origin.Of(u)+u.EscapedPath()
	return &other
}

// fetchAt is fetch at the present address. If there is no answer, the address is asked for
// again, and one more request goes to the new one.
func (g *Gateway) fetchAt(ctx context.Context) (store.Token, error) {
	from, err := g.cfg.Discovery.Renew(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return store.Token{}, outage(ctx, err)
		}
		return store.Token{}, &TokenError{Kind: Outage, Err: err}
	}
	tok, err := g.at(from.Token).fetch(ctx)
	var e *TokenError
	if err == nil || !errors.As(err, &e) || e.Status != 0 || e.Kind != Outage {
		return tok, err
	}
	if ctx.Err() != nil {
		g.cfg.Discovery.Suspect(from)
		return tok, err
	}
	now := g.cfg.Discovery.Moved(ctx, from)
	if now == nil || now.Token.String() == from.Token.String() {
		return tok, err
	}
	return g.at(now.Token).fetch(ctx)
}
