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
// A token was deleted if it has a tombstone, or if it is absent and its metadata is there:
// a restart, FLUSHALL and a failover remove both or none. It was evicted if the server has
// evicted keys since before, or ever if before is not known, because one of them may have
// been the token. A deletion between an eviction and a look therefore counts as an
// eviction. The other error would cost more: a fleet that takes evictions for deletions
// requests a token each time, while a deleted token that is kept by mistake fails at the
// first call. Without the right to INFO there is no knowledge of evictions.
func (s *Store) Look(ctx context.Context, key string, had store.Token, before store.Losses) (tok store.Token, now store.Losses, err error) {
	ctx, cancel := s.bound(ctx)
	defer cancel()
	r, l, err := s.lookPlain(ctx, nil, key, had, true)
	if r.ttl == 0 || r.ttl == -2 { // a key in its last millisecond counts as absent
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

// absence returns why had is not there.
func (s *Store) absence(ctx context.Context, key string, r reading, l look, had store.Token, before store.Losses) error {
	if l.buried {
		return fmt.Errorf("%w: %w", store.ErrNotFound, store.ErrDeleted)
	}
	// A second look, because the eviction may have come between the count and the first one.
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
