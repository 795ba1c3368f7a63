package token

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/foundhook"
	"github.com/advoware-go/advoware/store"
)

// Found is a token and where it came from. It remembers the Source that returned it, to
// which a client.Transport reports whether the API accepted the token.
type Found struct {
	Token  store.Token
	Origin Origin
	// Waited reports whether the call had to wait for a token request.
	Waited bool
	// FarWait is how long it waited for a far store.
	FarWait time.Duration

	source *Source // nil for a Found that was made by hand
}

func init() {
	foundhook.Longer = func(ctx context.Context, f any, atLeast time.Duration) any { return f.(Found).longer(ctx, atLeast) }
	foundhook.WithRest = func(ctx context.Context, f any) context.Context { return f.(Found).withRest(ctx) }
	foundhook.Doubted = func(ctx context.Context, f any) bool { return f.(Found).source.doubts(ctx, f.(Found).Token) }
	foundhook.RejectUntested = func(ctx context.Context, f any) error { return f.(Found).source.reject(ctx, f.(Found).Token, true) }
	foundhook.Contradicted = func(f any) { f.(Found).source.contradicted() }
	foundhook.Accepted = func(f any) { f.(Found).source.accepted(f.(Found).Token) }
}

func (f Found) longer(ctx context.Context, atLeast time.Duration) Found {
	if f.source == nil {
		return f
	}
	return f.source.prefer(ctx, f, atLeast)
}

// withRest returns a context for the rest of a call, whose look-ups wait for a far store as
// long as the one that found f left over of Config.FarWait.
func (f Found) withRest(ctx context.Context) context.Context {
	limit := farwait.Default
	if f.source != nil {
		limit = f.source.cfg.FarWait
	}
	ctx, _ = farwait.With(ctx, limit)
	farwait.Spend(ctx, f.FarWait)
	return ctx
}
