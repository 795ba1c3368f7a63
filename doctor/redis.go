package doctor

import (
	"cmp"
	"context"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/fleet"
	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/doctor/internal/office"
	"github.com/advoware-go/advoware/doctor/internal/redis"
	"github.com/advoware-go/advoware/doctor/internal/token"
	"github.com/advoware-go/advoware/internal/envvar"
	"github.com/advoware-go/advoware/internal/storehook"
)

// fetchWait is how long the groups about the token wait for a token request, before they look.
const fetchWait = 2500 * time.Millisecond

// shared returns the groups about what processes share, and what ends the connections that they
// use.
func (x *examination) shared(ctx context.Context, o *office.Office) (groups []check.Group, end func()) {
	c := &x.config
	l, why, end := x.link(ctx)
	tokens := token.Config{Link: l, Lifetime: c.TokenLifetime, Margins: c.TokenMargins, SealKeys: c.SealKeys}
	others := fleet.Config{Link: l, Lifetime: c.TokenLifetime, Margins: c.TokenMargins}
	if c.Shared != nil {
		stores := storehook.Of(c.Shared)
		if others.Pending = stores.Pending; stores.Near != nil {
			tokens.Near = stores.Near.Get
		}
	}
	key := cmp.Or(c.TokenKey, advoware.DefaultTokenKey)
	identity, credentials := o.Identity()
	tokens.Key, tokens.Identity, others.Key, others.Credentials = key, identity, key, credentials
	groups = []check.Group{
		redis.Group(redis.Config{Link: l, Key: key, Identity: identity}),
		token.Group(tokens), fleet.Group(others),
	}
	if x.Fetch { // they show what it has done
		for i := range groups[1:] {
			look := groups[1+i].Look
			groups[1+i].Look = func(ctx context.Context, report func(check.Check)) {
				o.AwaitToken(ctx, fetchWait)
				look(ctx, report)
			}
		}
	}
	if bad := x.environment.Bad("ADVOWARE_TOKEN_KEY", "ADVOWARE_TOKEN_SEAL_KEYS"); why == "" && bad != "" {
		return append(groups[:1:1], skipped(groups[1:], bad)...), end
	}
	if why != "" {
		return skipped(groups, why), end
	}
	return groups, end
}

// link leads to Redis; it is nil if none is used. Why says why none is looked at.
func (x *examination) link(ctx context.Context) (l *link.Link, why string, end func()) {
	c := &x.config
	switch {
	case x.environment != nil && x.environment.Lost:
		return nil, "the configuration cannot be used", func() {}
	case x.environment.Bad("REDIS_") != "":
		return nil, x.environment.Bad("REDIS_"), func() {}
	case c.Store == advoware.StoreMemory:
		return nil, "", func() {}
	}
	at := &c.Redis
	if c.Shared != nil {
		if at = storehook.Of(c.Shared).Redis; at == nil {
			return nil, "the stores of Config.Shared have no Redis that is known", func() {}
		}
	}
	name := func(field string) string { return "Redis." + field }
	if x.environment != nil {
		name = envvar.Redis
	}
	l = link.Open(ctx, link.Config{Redis: *at, Name: name})
	return l, "", l.Close
}
