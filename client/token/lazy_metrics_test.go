package token_test

import (
	"cmp"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store/lease"
)

// A renewal by a call counts like one by a timer: once, by how it ended, though the call may
// have left before that. One that another process makes is none that failed.
func TestLazyRenewalsAreCounted(t *testing.T) {
	for name, tt := range map[string]struct {
		latency time.Duration // of the gateway
		err     error
		spare   time.Duration // the call's own time, 0 for enough
		theirs  bool          // another process has the lease
		want    map[metric.Renewal]uint64
	}{
		"brings a token":             {latency: time.Second, want: map[metric.Renewal]uint64{metric.Renewed: 1}},
		"fails":                      {latency: time.Second, err: errors.New("down"), want: map[metric.Renewal]uint64{metric.Failed: 1}},
		"hangs":                      {latency: time.Hour, want: map[metric.Renewal]uint64{metric.Failed: 1}},
		"outlasts its call":          {latency: 2 * time.Second, spare: time.Second, want: map[metric.Renewal]uint64{metric.Renewed: 1}},
		"is made by another process": {theirs: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &gateway{latency: time.Second}
				shared, l := fleet()
				s := due(t, g, token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}})
				g.latency = tt.latency
				g.fail(tt.err)
				old := mustRead(t, shared)
				if tt.theirs {
					if other, err := l.Acquire(t.Context(), key, lease.Ask{Old: old}); err != nil || other.Release == nil {
						t.Fatalf("%+v, %v", other, err)
					}
				}
				ctx, cancel := context.WithTimeout(t.Context(), cmp.Or(tt.spare, time.Hour))
				defer cancel()
				if _, err := s.Lookup(ctx, 0); err != nil {
					t.Error(err)
				}
				time.Sleep(10 * time.Second)
				if diff := gocmp.Diff(tt.want, s.Metrics().Renewals); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}
