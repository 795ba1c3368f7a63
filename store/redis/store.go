// Package redis is a store that processes share: it keeps tokens in Redis, under
// the raw keys that programs in other languages use too.
//
// Use it as the far store of store/tiered, or alone where a round trip for each
// call is cheap enough. The token key holds the token and nothing else, and the
// timestamp key says when the token was issued. A third key of our own, the
// metadata {key}:meta, holds what the raw token does not say: its identity and its
// exact expiry. A token that another program wrote has no metadata; its expiry
// follows from its TTL. Values in Redis are not trusted: one that cannot be a token,
// or has no TTL, is a miss, and the next write replaces it.
//
// Everything here is safe for concurrent use, by any number of processes. See
// ARCHITECTURE.md for how the parts work together.
package redis

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/rediskey"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/redis/internal/pipe"
	"github.com/advoware-go/advoware/store/redis/internal/rights"
)

// Store implements [store.Store] over Redis. Make one with [New].
//
// Every operation ends when its context does, and within Config.Timeout, whatever
// the client does. In a call of package client it also ends when the call has waited for
// Redis as long as a call may; a write then goes on, see [Store.Close]. With
// Config.ClientHonoursDeadlines the client is relied on for that: go-redis ends at a
// deadline at once, but after a cancellation only between reads and writes. An operation
// that ends early may still take effect in Redis later.
type Store struct {
	cfg      Config      // with its defaults filled in
	scripts  *pipe.Pipe  // runs them
	silent   error       // why an operation ends at Config.Timeout
	single   bool        // one server: one transaction can use every key
	apart    atomic.Bool // a script cannot use the timestamp key all the same
	counters counters
	reads    sync.Pool // of *readTransaction
	refusals rights.Refusals
	holds    holds // leases of this process

	mu     sync.Mutex // for behind.Add against Close
	closed bool
	behind sync.WaitGroup // writes that no call waits for
}

var _ store.Store = (*Store)(nil)

// New returns a store that uses cfg.Client. It does no I/O. The error names everything
// that is wrong with cfg. Options of the client that make calls hang when Redis hangs are
// logged as a warning; see [Options].
func New(cfg Config) (*Store, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if found := hazards(cfg.Client); len(found) > 0 {
		cfg.Logger.Warn("store/redis: with these client options calls pile up when Redis hangs; see Options", "options", found)
	}
	_, single := cfg.Client.(*goredis.Client)
	return &Store{cfg: cfg, scripts: pipe.New(cfg.Client, cfg.Timeout, cfg.ClientHonoursDeadlines), single: single, silent: fmt.Errorf("no answer within %v", cfg.Timeout)}, nil
}

// Get implements [store.Store] in one round trip. A value that is there but
// cannot be used (wrong type, no TTL, empty, over store.MaxTokenBytes, a byte
// outside visible ASCII) is an error that matches both store.ErrNotFound and
// store.ErrUnusable and says why; it is counted in [Stats]. The token of another
// identity is store.ErrIdentity. IssuedAt is zero if neither the metadata nor a plausible
// timestamp key has it.
func (s *Store) Get(ctx context.Context, key string) (store.Token, error) {
	ctx, cancel := s.bound(ctx)
	defer cancel()
	r, err := s.read(ctx, key)
	var tok store.Token
	if err == nil {
		tok, err = s.tokenOf(key, r)
	}
	s.counters.get(err)
	if err != nil {
		return store.Token{}, failed("get", key, err)
	}
	return tok, nil
}

// CompareAndSwap implements [store.Store] in one round trip. In a cluster, or without the
// right to write the timestamp key, a second one writes that key. It ends a [Lease] that
// this process holds for key. A token with less than Margins.Guard until its shared end
// (with the defaults, two minutes until its expiry) is not written; if no other token is
// there, it is returned as if it were. A tok that is there already, but is not old, keeps
// its TTL. A usable token of another identity is never replaced: that is
// store.ErrIdentity.
func (s *Store) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	stands, err := write(ctx, s, func(ctx context.Context) (store.Token, error) { return s.swap(ctx, key, old, tok, false) })
	return s.result(ctx, "compare and swap", key, stands, err)
}

// Restore implements [store.Shared]. It is CompareAndSwap, but does not store a token that
// has a tombstone.
func (s *Store) Restore(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	stands, err := write(ctx, s, func(ctx context.Context) (store.Token, error) { return s.swap(ctx, key, old, tok, true) })
	return s.result(ctx, "restore", key, stands, err)
}

// result counts the end of a swap, and returns what stands then.
func (s *Store) result(ctx context.Context, operation, key string, stands store.Token, err error) (store.Token, error) {
	s.counters.write(err)
	if err != nil {
		return store.Token{}, failed(operation, key, s.refusedWrite(ctx, err))
	}
	return stands, nil
}

// CompareAndDelete implements [store.Store] in one round trip. It also deletes the metadata,
// and leaves the timestamp key to its TTL. Whatever token is there, it writes a tombstone for
// old, a key whose name ends in a digest of old, so that Restore does not store old again
// before it has ended.
// A CompareAndSwap that stores old removes the tombstone.
func (s *Store) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	_, err := write(ctx, s, func(ctx context.Context) (struct{}, error) { return struct{}{}, s.remove(ctx, key, old) })
	s.counters.write(err)
	if err != nil {
		return failed("compare and delete", key, s.refusedWrite(ctx, err))
	}
	return nil
}

// ttl returns the TTL of a token that is written at now, in whole milliseconds: until its
// shared end, which is Margins.Margin before its expiry, and at most what Config.Lifetime
// allows. It is 0 for a token that is too old to be written.
func (s *Store) ttl(now time.Time, tok store.Token) time.Duration {
	left := min(store.Remaining(now, tok.Expiry().Add(-s.cfg.Margins.Margin)), s.cfg.sharedLife())
	if left < max(s.cfg.Margins.Guard, time.Millisecond) {
		return 0
	}
	return left.Truncate(time.Millisecond)
}

// identity returns the digest of the identity that key is for, "" if that is not checked.
func (s *Store) identity(key string) string {
	if s.cfg.Identity == nil {
		return ""
	}
	if name := s.cfg.Identity(key); name != "" {
		return rediskey.Identity.Of(name)
	}
	return ""
}
