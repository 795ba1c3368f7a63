package redis

import (
	"context"
	"errors"
	"fmt"

	"github.com/advoware-go/advoware/store"
)

var _ store.Shared = (*Store)(nil)

// Look implements [store.Shared], in one round trip.
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
	return s.looked(store.Looking{Key: key, Had: had, Before: before}, r, l, err)
}

// looked is the result of a look.
func (s *Store) looked(asked store.Looking, r reading, l look, err error) (tok store.Token, now store.Losses, _ error) {
	if r.ttl == 0 || r.ttl == -2 { // a key in its last millisecond counts as absent
		r = reading{ttl: -2, metadata: r.metadata}
	}
	if err == nil {
		tok, err = s.tokenOf(asked.Key, r)
	}
	s.counters.get(err)
	if r.absent() && errors.Is(err, store.ErrNotFound) {
		err = absence(r, l, asked)
	}
	if err != nil {
		return store.Token{}, l.lost, failed("look", asked.Key, err)
	}
	return tok, l.lost, nil
}

// absence returns why a token is not there. The count of evictions is that of after the look,
// because one may have come between the first count and the look.
func absence(r reading, l look, asked store.Looking) error {
	switch {
	case l.buried:
		return fmt.Errorf("%w: %w", store.ErrNotFound, store.ErrDeleted)
	case l.now != store.UnknownLosses && l.now != max(asked.Before, 0):
		return fmt.Errorf("%w: %w", store.ErrNotFound, store.ErrLost)
	case !asked.Had.IsZero() && r.metadata.BelongsTo(asked.Had.Reveal()):
		return fmt.Errorf("%w: %w", store.ErrNotFound, store.ErrDeleted)
	}
	return store.ErrNotFound
}
