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
	stores := x.stores()
	l, why, end := x.link(ctx, stores)
	tokens := token.Config{Link: l, Lifetime: stores.Lifetime, Margins: stores.Margins, SealKeys: stores.SealKeys}
	others := fleet.Config{Link: l, Lifetime: stores.Lifetime, Margins: stores.Margins, Pending: stores.Pending}
	if stores.Near != nil {
		tokens.Near = stores.Near.Get
	}
	key := cmp.Or(c.TokenKey, advoware.DefaultTokenKey)
	identity, credentials := o.Identity()
	tokens.Key, tokens.Identity, others.Key, others.Credentials = key, identity, key, credentials
	groups = []check.Group{
		redis.Group(redis.Config{Link: l, Key: key, Identity: identity, Unasked: x.unasked()}),
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

// unasked reports whether nobody has asked for the Redis that is looked for.
func (x *examination) unasked() bool {
	return !x.environment.NamesRedis() && x.config.Shared == nil && x.config.Store == advoware.StoreTiered
}

// stores are those that a client has: its Shared ones, or those that it would open.
func (x *examination) stores() storehook.Stores {
	c := &x.config
	if c.Shared != nil {
		return storehook.Of(c.Shared)
	}
	own := storehook.Stores{Lifetime: c.TokenLifetime, Margins: c.TokenMargins, SealKeys: c.SealKeys}
	if c.Store != advoware.StoreMemory {
		own.Redis = &c.Redis
	}
	return own
}

// link leads to Redis; it is nil if none is used. Why says why none is looked at.
func (x *examination) link(ctx context.Context, stores storehook.Stores) (l *link.Link, why string, end func()) {
	switch {
	case x.environment != nil && x.environment.Lost:
		return nil, "the configuration cannot be used", func() {}
	case x.environment.Bad("REDIS_") != "":
		return nil, x.environment.Bad("REDIS_"), func() {}
	case stores.Redis == nil && x.config.Shared != nil && stores.Near == nil:
		return nil, "the stores of Config.Shared have no Redis that is known", func() {}
	case stores.Redis == nil:
		return nil, "", func() {}
	}
	name := func(field string) string { return "Redis." + field }
	if x.environment != nil {
		name = envvar.Redis
	}
	l = link.Open(ctx, link.Config{Redis: *stores.Redis, Name: name})
	return l, "", l.Close
}
