// Package attempt uses a token for what is no HTTP request of a client: the handshake of a
// websocket, a gRPC call, a login by another protocol. [Do] does after a refusal what a
// client.Transport does after a 401.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for what happens after a
// refusal.
package attempt

import (
	"context"
	"errors"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/foundhook"
)

// Outcome is what an attempt says of its token.
type Outcome int

const (
	// Unknown: nobody looked at the token, as far as is known: there was no connection, or
	// the server is in trouble.
	Unknown Outcome = iota
	// Accepted: the server took it, whatever else it said.
	Accepted
	// Refused: the server refused exactly this token.
	Refused
)

// Error is what Do returns if a token was refused, and there was no second attempt because
// no other token was to be had. It matches both of its errors.
type Error struct {
	Err      error // of the attempt
	TokenErr error // why there is no other token
}

func (e *Error) Error() string { return e.Err.Error() + "; no other token: " + e.TokenErr.Error() }

// Unwrap returns Err and TokenErr.
func (e *Error) Unwrap() []error { return []error{e.Err, e.TokenErr} }

var errRefused = errors.New("attempt: the token was refused")

// Do calls do with a valid token of source. If that is Refused, exactly this token is
// rejected, and do is called once more, with another one, if there is one; a refusal of
// that is final, and rejects nothing. A token that has been replaced in the meantime harms no
// newer one. When refusals come in quick succession although new tokens were accepted, do is
// called with the same token once more before it is rejected: three times in all, at most.
//
// Do returns what the last call of do returned, an [*Error], or, if there is no token at all,
// the error of source. ctx bounds the wait for a token; what do does with it is its own
// affair. do must not show the token in its error.
func Do(ctx context.Context, source *token.Source, do func(context.Context, token.Found) (Outcome, error)) error {
	if ctx == nil || source == nil || do == nil {
		return errors.New("attempt: Do needs a context, a Source and a function")
	}
	found, err := lookup(ctx, source)
	if err != nil {
		return err
	}
	outcome, err := do(ctx, found)
	if outcome != Refused {
		return err
	}
	ctx = foundhook.WithRest(ctx, found)
	if foundhook.Doubted(ctx, found) {
		switch outcome, err = do(ctx, found); outcome {
		case Accepted:
			foundhook.Contradicted(found)
			return err
		case Unknown:
			return err
		}
	}
	if err == nil {
		err = errRefused
	}
	if rejected := source.Reject(ctx, found.Token); rejected != nil {
		return &Error{err, rejected}
	}
	next, missing := lookup(ctx, source)
	if missing != nil {
		return &Error{err, missing}
	}
	if next.Token.Equal(found.Token) {
		return err
	}
	switch outcome, err = do(ctx, next); outcome {
	case Accepted:
		foundhook.Accepted(next)
	case Refused:
		if err == nil {
			err = errRefused
		}
	}
	return err
}

// Reject tells source that a server refused the token of found, where there can be no second
// attempt: a stream that has begun. It is rejected if it is still the one in use.
func Reject(ctx context.Context, source *token.Source, found token.Found) error {
	ctx = foundhook.WithRest(ctx, found)
	if foundhook.Doubted(ctx, found) {
		return foundhook.RejectUntested(ctx, found)
	}
	return source.Reject(ctx, found.Token)
}

// lookup returns a token that is valid by the wall clock too, at which a store that expires
// its tokens by a timer does not look.
func lookup(ctx context.Context, source *token.Source) (token.Found, error) {
	found, err := source.Lookup(ctx, 0)
	if err == nil && !found.Token.ValidAt(time.Now()) {
		return source.Lookup(ctx, time.Nanosecond)
	}
	return found, err
}
