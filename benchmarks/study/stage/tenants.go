package stage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

// admit lets the Kanzleien of n tenants fetch tokens.
func (s *stage) admit(n int) error {
	if n < 1 {
		return fmt.Errorf("there are %d tenants, not at least 1", n)
	}
	id := s.fake.Identities()[0]
	for i := range n {
		id.Kanzlei = subject.Tenant(i)
		if err := s.fake.AddIdentity(id); err != nil {
			return err
		}
	}
	return nil
}

// tenants is how many clients there are, 0 for one that is no tenant.
func (s *stage) tenants() int {
	if s.play.Scenario.Tenants {
		return s.play.Tenants
	}
	return 0
}

// warmTogether returns when the load begins. By then everybody has a token, and all of these end at
// the instant that the scenario says. How long it takes to fetch so many only shows when it is done:
// if it was too long, or something failed on a busy machine, they are all fetched once more.
func (s *stage) warmTogether(ctx context.Context) (start time.Time, err error) {
	s.fake.SetTokenLatency(0)
	defer func() {
		s.fake.SetTokenLatency(s.take.TokenLatency)
		s.fake.SetLifetime(s.take.Life.Lifetime)
	}()
	lasts := time.Duration(s.play.Scenario.TokenEnd*float64(s.play.Duration)) + s.take.Life.Guard
	patience := 250*time.Millisecond + time.Duration(s.play.Tenants)*time.Millisecond/2
	for range 8 {
		start = time.Now().Add(patience)
		err = s.now.Load().FetchAll(ctx, func() { s.fake.SetLifetime(max(lasts, time.Until(start.Add(lasts)))) })
		if late := !time.Now().Before(start); err == nil && !late || ctx.Err() != nil {
			return start, err
		}
		patience *= 2
	}
	return start, errors.Join(fmt.Errorf("the tokens of %d tenants are not there in time", s.play.Tenants), err)
}
