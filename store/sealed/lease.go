package sealed

import (
	"context"

	"github.com/advoware-go/advoware/store/lease"
)

// Acquire implements [lease.Lease] through Config.Lease, without which it is an
// error. A token that stands but does not open is none: then it asks again for
// somebody to replace it.
func (s *Store) Acquire(ctx context.Context, key string, ask lease.Ask) (lease.Outcome, error) {
	if s.lease == nil {
		return lease.Outcome{}, errNoLease
	}
	binding, old := s.binding(key), ask.Old
	ask.Old, _ = s.ring[0].sealed(binding, old) // one too long is nowhere: as good as none
	for range tries {
		outcome, err := s.lease.Acquire(ctx, key, ask)
		if err != nil || outcome.Token.IsZero() {
			return outcome, err
		}
		there, err := s.open(binding, outcome.Token)
		if err == nil && !there.Equal(old) {
			outcome.Token = there
			return outcome, nil
		}
		ask.Old = outcome.Token
		outcome.Drop()
	}
	return lease.Outcome{}, failed("acquire", key, errUnsettled)
}
