package redis

import (
	"context"
	"errors"
	"fmt"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/redis/internal/rights"
)

func (s *Store) refuses(r rights.Right) bool { return s.refusals.Has(r) }

func (s *Store) refused(ctx context.Context, r rights.Right, why error) {
	s.refusals.Note(ctx, s.cfg.Logger, r, why)
}

// refusedWrite makes the error of a write that was refused match store.ErrForbidden or
// store.ErrRefused: it is no outage.
func (s *Store) refusedWrite(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case rights.IsForbidden(err):
		s.refused(ctx, rights.Writes, err)
		return fmt.Errorf("%w: %w", store.ErrForbidden, err)
	case errors.Is(err, store.ErrForbidden):
		s.refused(ctx, rights.Writes, err)
		return err
	case rights.IsReadOnly(err):
		return fmt.Errorf("%w: %w", store.ErrRefused, err)
	}
	return err
}
