package store

import (
	"context"
	"errors"
)

var (
	// ErrDeleted is returned when a token is not there because it was deleted on purpose.
	// It must not be restored.
	ErrDeleted = errors.New("store: the token was deleted")

	// ErrLost is returned when a token is not there because the store evicted it. A
	// process that still has it may restore it.
	ErrLost = errors.New("store: the token was evicted")
)

// Losses is a store's count of its evictions, of tokens and other entries, or
// UnknownLosses.
type Losses int64

// UnknownLosses is returned by a store that does not count evictions, and passed by a
// caller that has not looked before.
const UnknownLosses Losses = -1

// Shared is implemented by stores that several programs write to. It distinguishes an
// eviction from a deletion, and keeps a process that missed a deletion from undoing it.
// store/redis and store/sealed implement it, store/tiered uses it.
type Shared interface {
	// Look is Get for a caller that had a token there. An error that matches ErrNotFound
	// also matches ErrDeleted or ErrLost, if it is known which. before is the count that
	// the last Look returned that found a token; now is the count to pass next.
	Look(ctx context.Context, key string, had Token, before Losses) (tok Token, now Losses, err error)

	// Restore is CompareAndSwap for a token that has been there before. It atomically
	// checks for a tombstone: if exactly this token was deleted, it returns ErrDeleted and
	// changes nothing.
	Restore(ctx context.Context, key string, old, tok Token) (Token, error)
}

// Many is [Shared] for many keys in few exchanges. After a restart of the store, a process that
// keeps thousands of tokens in it asks for all of them at once. store/redis and store/sealed
// implement it, store/tiered uses it. Each operation returns when the context ends.
type Many interface {
	// LookAll is Look for each element. It returns the results, in the order of the elements,
	// which may have the same key.
	LookAll(ctx context.Context, looks []Looking) []Looked

	// RestoreAll is Restore for each element, likewise. Those of one key count as if they came
	// one after the other, in any order.
	RestoreAll(ctx context.Context, tokens []Restoring) []Restored
}

// Looking are the arguments of a Look.
type Looking struct {
	Key    string
	Had    Token
	Before Losses
}

// Looked is the result of a Look.
type Looked struct {
	Token Token
	Now   Losses
	Err   error
}

// Restoring are the arguments of a Restore.
type Restoring struct {
	Key        string
	Old, Token Token
}

// Restored is the result of a Restore.
type Restored struct {
	Token Token
	Err   error
}
