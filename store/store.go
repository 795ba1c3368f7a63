// Package store says what a token is and what a store of tokens promises, and
// holds [Map], the simplest store that keeps the promise.
//
// A store keeps one token under each key. Everything that can change a token
// compares first, so that a late answer about an old token never harms a newer
// one: there is no plain Set and no plain Delete.
//
// The other stores are store/memory (this process, bounded), store/redis (shared
// between processes) and store/tiered (one in front of the other). Write your own
// by implementing [Store], and run store/storetest against it.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for how the
// parts work together.
package store

import (
	"context"
	"errors"
	"fmt"
)

var (
	// ErrNotFound says that a store has no token that can be used under a key: it
	// is absent, expired or unusable. It is the only miss; any other error of Get
	// means that the store could not tell. An error that matches ErrUnusable too
	// says why what is there is not used.
	ErrNotFound = errors.New("store: no usable token")

	// ErrIdentity says that the token under a key was fetched for somebody else:
	// another Kanzlei, user, role or whatever else makes an identity. It is not a
	// miss. Configure a key of its own for each identity.
	ErrIdentity = errors.New("store: the key is in use for another identity")

	// ErrRefused says that a store would not write, because of its state: a replica, a
	// server without memory. It is an answer, not an outage: the store may still be read,
	// and asking again at once helps nobody.
	ErrRefused = errors.New("store: the store refuses this operation")

	// ErrForbidden is an ErrRefused that will not pass by itself: this user may not write,
	// or the commands that it takes are switched off.
	ErrForbidden = fmt.Errorf("%w: it is not allowed", ErrRefused)
)

// Store keeps one token under each key.
//
// An implementation honours the context's deadline and cancellation as far as it
// waits for anything, and is safe for concurrent use.
type Store interface {
	// Get returns the token under key, or an error that matches ErrNotFound if
	// there is none that can be used.
	Get(ctx context.Context, key string) (Token, error)

	// CompareAndSwap stores tok under key if the token there still equals old, or
	// if there is none that can be used; a zero old means just the latter. It
	// returns the token that stands afterwards: tok, or the other one that was
	// there. An expired or zero tok is an error that matches ErrUnusable, and
	// changes nothing.
	CompareAndSwap(ctx context.Context, key string, old, tok Token) (Token, error)

	// CompareAndDelete removes the token under key if it still equals old, in one
	// atomic step. That it is not there, or is another one, is not an error; a
	// zero old changes nothing.
	CompareAndDelete(ctx context.Context, key string, old Token) error
}
