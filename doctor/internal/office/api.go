package office

import (
	"context"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/probe"
)

// api looks at the API.
func (o *Office) api(ctx context.Context, report func(check.Check)) {
	defer o.atAPI.set(probe.Result{})
	p, ok := o.places.get(ctx)
	if !ok {
		return
	}
	why := p.whyAPI
	if bad := o.Environment.Bad("ADVOWARE_API_TLS_"); bad != "" && p.api != nil && p.api.Scheme == "https" {
		p.api, why = nil, bad
	}
	if p.api == nil {
		report(check.Check{Name: addressCheck, Status: check.Skipped, Saw: why})
		o.endpoint(ctx, why, report)
		return
	}
	r := o.probe(ctx, p.api, o.apiBase())
	if ctx.Err() != nil && r.Stage != probe.Done {
		return
	}
	o.atAPI.set(r)
	o.reach(side{name: "API", variable: "ADVOWARE_API_BASE_URL", own: !relay(p.api), discovered: p.discovered}, r, report)
	o.ownCertificate(report)
	if r.Stage != probe.Done {
		why = "the API is not reached"
	}
	o.endpoint(ctx, why, report)
}
