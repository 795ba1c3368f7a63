package office

import (
	"context"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/probe"
)

// gateway looks at the server that issues tokens.
func (o *Office) gateway(ctx context.Context, report func(check.Check)) {
	defer o.fetched.set(!o.Fetch)
	defer o.atGateway.set(probe.Result{})
	p, ok := o.places.get(ctx)
	if !ok {
		return
	}
	if p.token == nil {
		report(check.Check{Name: addressCheck, Status: check.Skipped, Saw: p.whyToken})
		o.tokenRequest(ctx, p.whyToken, report)
		return
	}
	base := o.gatewayBase()
	r := o.probe(ctx, p.token, base)
	if r.Stage == probe.Handshake {
		r = o.dateOf(ctx, r, p.token)
	}
	if ctx.Err() != nil && r.Stage != probe.Done {
		return
	}
	o.atGateway.set(r)
	o.reach(side{name: "gateway", variable: "ADVOWARE_TOKEN_URL", discovered: p.discovered}, r, report)
	why := ""
	if r.Stage != probe.Done {
		why = "the gateway is not reached"
	}
	o.tokenRequest(ctx, why, report)
}
