package store

import (
	"context"
	"errors"
)

var (
	// ErrDeleted says that a token is not there because somebody removed it on purpose.
	// Nobody should put it back.
	ErrDeleted = errors.New("store: the token was deleted")

	// ErrLost says that a token is not there although nobody removed it: the store made
	// room for something else. Whoever still has it may put it back.
	ErrLost = errors.New("store: the token was evicted")
)

// Losses counts the tokens and other entries that a store has dropped by itself, as far
// as it tells; UnknownLosses if it does not.
type Losses int64

// UnknownLosses is what a store says that does not count, and what somebody passes who
// has not looked before.
const UnknownLosses Losses = -1

// Shared is what a store knows that several programs write to, so that a loss is told
// from a deletion, and a deletion is not undone by a process that did not hear of it.
// store/redis and store/sealed implement it, store/tiered makes use of it.
type Shared interface {
	// Look is Get for a caller that had a token, and tells what became of it. With
	// ErrNotFound the error also matches ErrDeleted or ErrLost if that is known; it
	// matches neither if had may have been deleted or lost. before is what an earlier
	// Look said that found a token there, and now is for the next one.
	Look(ctx context.Context, key string, had Token, before Losses) (tok Token, now Losses, err error)

	// Restore is CompareAndSwap for a token that has been there, or should have been, for
	// some time. It is refused with ErrDeleted if somebody has removed exactly this token
	// meanwhile, in one atomic step.
	Restore(ctx context.Context, key string, old, tok Token) (Token, error)
}
