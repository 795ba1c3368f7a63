package redis

import (
	"context"
	"errors"
	"fmt"

	"github.com/advoware-go/advoware/store"
)

var _ store.Shared = (*Store)(nil)

// Look implements [store.Shared], in one round trip if the token is there.
//
// A token was deleted if it has a tombstone, or if it is gone and its metadata is not:
// a restart, FLUSHALL and a failover take both along or none. It was evicted if the
// server has evicted keys since before, or ever if before is not known: then one of them
// may have been the token. A deletion that falls between an eviction and a look counts as
// an eviction, because the gateway is asked for a token again and again by a fleet that
// takes evictions for deletions, while a dead token that is kept by mistake is found out
// by the first call. Without the right to INFO nothing is known of evictions.
func (s *Store) Look(ctx context.Context, key string, had store.Token, before store.Losses) (tok store.Token, now store.Losses, err error) {
	ctx, cancel := s.bound(ctx)
	defer cancel()
	r, l, err := s.lookPlain(ctx, nil, key, had, true)
	if r.ttl == 0 || r.ttl == -2 { // a key in its last millisecond is as good as gone
		r = reading{at: r.at, ttl: -2, metadata: r.metadata}
	}
	if err == nil {
		tok, err = s.tokenOf(key, r)
	}
	s.counters.get(err)
	if r.absent() && errors.Is(err, store.ErrNotFound) {
		err = s.absence(ctx, key, r, l, had, before)
	}
	if err != nil {
		return store.Token{}, l.lost, failed("look", key, err)
	}
	return tok, l.lost, nil
}

// absence tells why had is not there.
func (s *Store) absence(ctx context.Context, key string, r reading, l look, had store.Token, before store.Losses) error {
	if l.buried {
		return fmt.Errorf("%w: %w", store.ErrNotFound, store.ErrDeleted)
	}
	// Asked once more, because the eviction may have come between the count and the look.
	_, after, err := s.lookPlain(ctx, nil, key, had, true)
	if err != nil {
		return err
	}
	switch {
	case after.buried:
		return fmt.Errorf("%w: %w", store.ErrNotFound, store.ErrDeleted)
	case after.lost != store.UnknownLosses && after.lost != max(before, 0):
		return fmt.Errorf("%w: %w", store.ErrNotFound, store.ErrLost)
	case !had.IsZero() && r.metadata.belongsTo(had.Reveal()):
		return fmt.Errorf("%w: %w", store.ErrNotFound, store.ErrDeleted)
	}
	return store.ErrNotFound
}
