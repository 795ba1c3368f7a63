package sealed

import (
	"context"

	"github.com/advoware-go/advoware/store/lease"
)

// Acquire implements [lease.Lease] through Config.Lease, without which it is an
// error. A token that stands but does not open is none: then it asks again for
// somebody to replace it.
func (s *Store) Acquire(ctx context.Context, key string, ask lease.Ask) (lease.Turn, error) {
	if s.lease == nil {
		return lease.Turn{}, errNoLease
	}
	binding, old := s.binding(key), ask.Old
	ask.Old, _ = s.ring[0].sealed(binding, old) // one too long is nowhere: as good as none
	for range tries {
		turn, err := s.lease.Acquire(ctx, key, ask)
		if err != nil || turn.Token.IsZero() {
			return turn, err
		}
		there, err := s.open(binding, turn.Token)
		if err == nil && !there.Equal(old) {
			turn.Token = there
			return turn, nil
		}
		ask.Old = turn.Token
		turn.Drop()
	}
	return lease.Turn{}, failed("acquire", key, errUnsettled)
}
