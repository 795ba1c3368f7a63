// Package foundhook lets package client tell a token.Source what became of a request with
// its token, and ask it what to do next.
//
// A method of token.Found would have to be explained to everybody, and only a transport
// that retries after a 401 can use it. Package client/token sets these when it is linked.
// Each takes a token.Found, which remembers the Source that returned it, and panics for
// anything else. With a Found that no Source returned, each does nothing.
package foundhook

import (
	"context"
	"time"
)

// Longer returns a token.Found whose token lasts at least that long from now if one is
// easily had, and otherwise found.
var Longer func(ctx context.Context, found any, atLeast time.Duration) any

// WithRest returns a context for the rest of a call, whose look-ups wait for a far store as
// long as the one that found the token left over.
var WithRest func(ctx context.Context, found any) context.Context

// Doubted reports whether a 401 for the token is to be put to the test: by sending the
// request with the same token once more. If that is accepted, call Contradicted; if it is
// refused too, the Reject of the Source; if it cannot be done, RejectUntested.
var Doubted func(ctx context.Context, found any) bool

// RejectUntested is the Reject of the Source for a refusal that is Doubted, and that could
// not be put to the test. What it costs is not refunded by Accepted.
var RejectUntested func(ctx context.Context, found any) error

// Contradicted says that the API took the token after it had refused it.
var Contradicted func(found any)

// Accepted says that the API took the token in place of one that it had refused.
var Accepted func(found any)
