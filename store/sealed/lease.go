package sealed

import (
	"context"

	"github.com/advoware-go/advoware/store/lease"
)

// Acquire implements [lease.Lease] through Config.Lease; without that it returns an error. If
// the token there does not open, Acquire asks again with it as Ask.Old, so that it is
// replaced.
func (s *Store) Acquire(ctx context.Context, key string, ask lease.Ask) (lease.Outcome, error) {
	if s.lease == nil {
		return lease.Outcome{}, errNoLease
	}
	binding, old := s.binding(key), ask.Old
	ask.Old, _ = s.ring[0].sealed(binding, old) // one that is too long cannot be there: the same as none
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
	return lease.Outcome{}, failed("acquire", key, errChanging)
}
