// Package hook calls what belongs to somebody else, a hook or a logger, and waits for it, but
// not for long: it may be waiting for the very token that a run brings.
//
// A panic or Goexit of what is called goes on in the caller. See ARCHITECTURE.md for the
// package in context.
package hook

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
)

// Patience is how long what is called is waited for.
const Patience = time.Second

// Patiently calls fn.
func Patiently(fn func()) { bounded.Patiently(Patience, fn) }

// Call calls a hook of one argument, if there is one.
func Call[T any](hook func(T), arg T) {
	if hook != nil {
		Patiently(func() { hook(arg) })
	}
}

// Context returns the context that a hook makes of ctx; ctx itself if there is no hook, if it
// returns nil, and if it takes too long.
func Context(hook func(context.Context) context.Context, ctx context.Context) context.Context {
	if hook == nil {
		return ctx
	}
	made := make(chan context.Context, 1)
	Patiently(func() { made <- hook(ctx) })
	select {
	case got := <-made:
		if got != nil {
			return got
		}
	default:
	}
	return ctx
}

// Call2 calls a hook of two arguments, if there is one.
func Call2[A, B any](hook func(A, B), a A, b B) {
	if hook != nil {
		Patiently(func() { hook(a, b) })
	}
}

// Signal calls a hook without arguments, if there is one.
func Signal(hook func()) {
	if hook != nil {
		Patiently(hook)
	}
}
