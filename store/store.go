// Package store defines tokens and the interface of a store of tokens, and has
// [Map], the simplest implementation.
//
// A store keeps one token under each key. Every change of a token is a
// compare-and-swap or a compare-and-delete, so that a late answer about an old token
// never affects a newer one: there is no plain Set and no plain Delete.
//
// The other stores are store/memory (this process, bounded), store/redis (shared
// between processes) and store/tiered (one in front of the other). To write your own,
// implement [Store] and run store/storetest on it.
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
	// ErrNotFound is returned when there is no usable token under a key: it is absent,
	// expired or unusable. It is the only miss; any other error of Get means that the
	// store could not tell. If it matches ErrUnusable too, its text says why the value
	// that is there is not used.
	ErrNotFound = errors.New("store: no usable token")

	// ErrIdentity is returned when the token under a key was fetched for another
	// identity: another Kanzlei, user, role and so on. It is not a miss. Configure a
	// separate key for each identity.
	ErrIdentity = errors.New("store: the key is in use for another identity")

	// ErrRefused is returned when a store refuses a write because of its state: it is a
	// replica, or out of memory. It is an answer, not an outage: the store may still be
	// read, and trying again at once does not help.
	ErrRefused = errors.New("store: the store refuses this operation")

	// ErrForbidden is an ErrRefused that is permanent until somebody changes the
	// configuration: the user may not write, or the commands for it are disabled.
	ErrForbidden = fmt.Errorf("%w: it is not allowed", ErrRefused)

	// ErrBusy is returned when an operation was not carried out because too many operations
	// of this process were under way: it did not get one of the connections in time. It says
	// nothing about the server, so it is not an outage. Trying again later helps.
	ErrBusy = errors.New("store: too many operations at once")
)

// Store keeps one token under each key.
//
// An implementation returns when the context ends, as far as it blocks at all, and is
// safe for concurrent use.
type Store interface {
	// Get returns the token under key, or an error that matches ErrNotFound if there is
	// no usable one.
	Get(ctx context.Context, key string) (Token, error)

	// CompareAndSwap stores tok under key if the token there equals old, or if there is
	// no usable one; with a zero old, only in the latter case. It returns the token that
	// is there afterwards: tok, or the other one. An expired or zero tok is an error that
	// matches ErrUnusable, and changes nothing.
	CompareAndSwap(ctx context.Context, key string, old, tok Token) (Token, error)

	// CompareAndDelete atomically removes the token under key if it equals old. It is not
	// an error if there is none, or another one; a zero old changes nothing.
	CompareAndDelete(ctx context.Context, key string, old Token) error
}
