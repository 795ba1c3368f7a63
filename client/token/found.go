package token

import (
	"context"
	"time"
)

// A Found remembers the Source that returned it. What follows tells that Source what became
// of a request with the token, or asks it what to do next; client.Transport does so. On a
// Found of another origin, one that was made by hand, these do nothing.

// Longer returns a token that lasts at least that long from now if one is easily had, and
// otherwise f.
func (f Found) Longer(ctx context.Context, atLeast time.Duration) Found {
	if f.source == nil {
		return f
	}
	longer := f.source.Prefer(ctx, f, atLeast)
	longer.source = f.source
	return longer
}

// Doubted reports whether a 401 for the token is to be put to the test: by sending the
// request with the same token once more. If that is accepted, call Contradicted; if it is
// refused too, the Reject of the Source; if it cannot be done, RejectUntested.
func (f Found) Doubted(ctx context.Context) bool {
	return f.source != nil && f.source.Doubts(ctx, f.Token)
}

// RejectUntested is the Reject of the Source for a refusal that is Doubted, and that could
// not be put to the test.
func (f Found) RejectUntested(ctx context.Context) error {
	if f.source == nil {
		return nil
	}
	return f.source.RejectUntested(ctx, f.Token)
}

// Contradicted says that the API took the token after it had refused it.
func (f Found) Contradicted() {
	if f.source != nil {
		f.source.Contradicted()
	}
}

// Accepted says that the API took the token in place of one that it had refused.
func (f Found) Accepted() {
	if f.source != nil {
		f.source.Accepted(f.Token)
	}
}
