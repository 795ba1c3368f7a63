// Package sealed wraps a store, so that the tokens in the inner one are encrypted:
// AES-256-GCM, under a ring of keys, bound to the key name and the identity that a
// token is for.
//
// Use it around store/redis if others can read that Redis, its replicas or its
// backups. All programs that share a key must seal. To others, the Python service
// included, a sealed token is unusable, and theirs are unusable here, so that they would
// overwrite each other again and again. Give sealed tokens a key name of their own.
//
// A token that does not open is a miss with its reason, is counted, and is replaced by
// the next write. Sealing hides the token, but not its times and length. A program that can
// write to the inner store can still delete a token, or restore an older one. The form and
// its reasons are in seal.go.
//
// Everything here is safe for concurrent use, by any number of processes. See
// ARCHITECTURE.md for how the parts work together.
package sealed

import (
	"context"
	"errors"
	"fmt"

	"github.com/advoware-go/advoware/internal/conf"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// Config configures a [Store].
type Config struct {
	// Store keeps the sealed tokens. It is required, and stays open.
	Store store.Store

	// Keys is the key ring: the first one seals, all of them open. At least one is
	// required, and none may be there twice.
	//
	// To change keys without a miss, add the new one at the end of the ring of every
	// process, then move it to the front, and remove the old one when the tokens that it
	// sealed have ended.
	Keys []Key

	// Identity returns a name for the identity that the token under a key is for. A token
	// that was sealed for another one does not open. All processes must return the same
	// name. It must be quick and safe for concurrent use. nil means "" for every key.
	Identity func(key string) string

	// Lease is the lease beside Store, for Acquire. nil: no lease, and Acquire returns an
	// error.
	Lease lease.Lease

	// Shared is what Store knows of other writers, for Look and Restore. nil: nothing, and
	// they return an error.
	Shared store.Shared

	// Many is Shared for many keys at once, for LookAll and RestoreAll. nil: they go from one
	// key to the next.
	Many store.Many
}

// Store implements [store.Store], [store.Shared] and [lease.Lease] by wrapping those of its
// Config. Make it with [New].
//
// The times of a token are those of the inner store. Errors of the inner store and lease are
// returned as they are.
type Store struct {
	inner    store.Store
	ring     []sealer
	identity func(key string) string
	lease    lease.Lease
	shared   store.Shared
	many     store.Many
	counters counters
}

var (
	_ store.Store  = (*Store)(nil)
	_ store.Shared = (*Store)(nil)
	_ store.Many   = (*Store)(nil)
	_ lease.Lease  = (*Store)(nil)
)

// tries limits how often an operation is repeated because the token there has another form
// than expected. Twice is enough, unless a program that does not seal keeps writing.
const tries = 8

var (
	errChanging = errors.New("the sealed text kept changing")
	errUnmade   = errors.New("store/sealed: the Store was not made by New")
	errNoLease  = errors.New("store/sealed: Config.Lease is not set")
	errNoShared = errors.New("store/sealed: Config.Shared is not set")
)

// New returns a store that seals the tokens in cfg.Store. It does no I/O. The error names
// everything that is wrong with cfg. It is also returned in a process that Go restricts to
// FIPS 140, which has no GCM with nonces of one's own.
func New(cfg Config) (*Store, error) {
	p := conf.New("store/sealed: ")
	p.If(cfg.Store == nil, "Config.Store is missing")
	p.Made("Config.Store", cfg.Store)
	p.Made("Config.Lease", cfg.Lease)
	p.Made("Config.Shared", cfg.Shared)
	p.Made("Config.Many", cfg.Many)
	if len(cfg.Keys) == 0 {
		p.Add(fmt.Errorf("%w: Config.Keys has none", ErrKey))
	}
	s := &Store{inner: cfg.Store, identity: cfg.Identity, lease: cfg.Lease, shared: cfg.Shared, many: cfg.Many}
	first := make(map[string]int)
	for i, k := range cfg.Keys {
		if k.IsZero() {
			p.Add(fmt.Errorf("%w: Config.Keys[%d] is missing", ErrKey, i))
			continue
		}
		if before, twice := first[k.p.bytes()]; twice {
			p.Add(fmt.Errorf("%w: Config.Keys[%d] is Config.Keys[%d] again", ErrKey, i, before))
			continue
		}
		first[k.p.bytes()] = i
		sealer, err := newSealer(k)
		p.If(err != nil, "%w", err)
		s.ring = append(s.ring, sealer)
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

// Get implements [store.Store]. A token that is there but does not open is an error
// that matches both store.ErrNotFound and store.ErrUnusable and says why; it is
// counted in [Stats].
func (s *Store) Get(ctx context.Context, key string) (store.Token, error) {
	if s.inner == nil {
		return store.Token{}, errUnmade
	}
	there, err := s.inner.Get(ctx, key)
	if err != nil {
		return store.Token{}, err
	}
	tok, err := s.open(s.binding(key), there)
	if err != nil {
		return store.Token{}, failed("get", key, err)
	}
	return tok, nil
}

// CompareAndSwap implements [store.Store]. It costs a Get and a CompareAndSwap of the
// inner store. A tok over [MaxTokenBytes] cannot be sealed, which is an error that
// matches store.ErrUnusable.
func (s *Store) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if s.inner == nil {
		return store.Token{}, errUnmade
	}
	return s.swap(ctx, key, old, tok, s.inner.CompareAndSwap)
}

// swap is CompareAndSwap by a swap of the inner store.
func (s *Store) swap(ctx context.Context, key string, old, tok store.Token, inner func(context.Context, string, store.Token, store.Token) (store.Token, error)) (store.Token, error) {
	binding := s.binding(key)
	sealed, err := s.ring[0].sealed(binding, tok)
	if err != nil {
		s.counters.tooLong.Add(1)
		return store.Token{}, failed("compare and swap", key, err)
	}
	expected, err := s.replaceable(ctx, key, binding, old)
	if err != nil {
		return store.Token{}, err
	}
	for range tries {
		standing, err := inner(ctx, key, expected, sealed)
		if err != nil {
			return store.Token{}, err
		}
		there, err := s.open(binding, standing)
		if err == nil && (standing.Equal(sealed) || !there.Equal(old)) {
			return there, nil
		}
		expected = standing // old in another form, or a value that does not open
	}
	return store.Token{}, failed("compare and swap", key, errChanging)
}

// replaceable returns the token there in its sealed form, if it is old or does not open;
// otherwise the zero Token. A guess would be corrected by the next try, but an inner
// CompareAndSwap that replaces nothing may end a lease, as that of store/redis does, before
// the new token is there.
func (s *Store) replaceable(ctx context.Context, key string, binding []byte, old store.Token) (store.Token, error) {
	there, err := s.inner.Get(ctx, key)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return store.Token{}, nil
	case err != nil:
		return store.Token{}, err
	}
	if tok, err := s.open(binding, there); err == nil && !tok.Equal(old) {
		return store.Token{}, nil
	}
	return there, nil
}

// CompareAndDelete implements [store.Store]. It costs one CompareAndDelete of the
// inner store for each key of the ring.
//
// That is atomic in effect: a token has exactly one form under each key of the ring, so one of
// the deletions finds it, unless the same token is stored in another form meanwhile. Then
// the effect is that of a store after the deletion.
func (s *Store) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	if s.inner == nil {
		return errUnmade
	}
	binding := s.binding(key)
	for _, k := range s.ring {
		sealed, err := k.sealed(binding, old)
		if err != nil {
			return nil // too long to be there
		}
		if err := s.inner.CompareAndDelete(ctx, key, sealed); err != nil {
			return err
		}
	}
	return nil
}

// open opens a token of the inner store, and counts a failure.
func (s *Store) open(binding []byte, sealed store.Token) (store.Token, error) {
	tok, err := open(s.ring, binding, sealed)
	s.counters.opened(err)
	return tok, err
}

// failed is the error of an operation.
func failed(operation, key string, err error) error {
	return fmt.Errorf("store/sealed: %s %q: %w", operation, key, err)
}
