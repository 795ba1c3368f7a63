package token_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/leasemap"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

func TestMetricsSayWhatWasDoneAboutA401(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		s := start(t, g, token.Config{})
		reject := func(tok store.Token) { _ = s.Reject(t.Context(), tok) }
		first := mustToken(t, s)
		reject(first)
		reject(first) // by another call
		second := mustToken(t, s)
		reject(first)
		for range 4 { // until nothing is left of the budget
			reject(mustToken(t, s))
		}
		want := map[metric.Rejection]uint64{metric.Dropped: 3, metric.Repeated: 1, metric.Late: 1, metric.BudgetExhausted: 2}
		if diff := cmp.Diff(want, s.Metrics().Rejections); diff != "" || first.Equal(second) {
			t.Error(diff)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		s := start(t, g, token.Config{})
		tok := mustToken(t, s)
		g.fail(errors.New("down"))
		_, _ = s.Refresh(t.Context())
		_ = s.Reject(t.Context(), tok)
		if diff := cmp.Diff(map[metric.Rejection]uint64{metric.Kept: 1}, s.Metrics().Rejections); diff != "" {
			t.Error(diff)
		}
	})
}

func TestMetricsOfRenewals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		s := start(t, g, token.Config{})
		busy := func(d time.Duration) {
			for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(time.Second) {
				_, _ = s.Token(t.Context(), 0)
			}
		}
		busy(time.Hour) // renewed once, and used after that, so once more
		time.Sleep(2 * time.Hour)
		got := s.Metrics()
		if diff := cmp.Diff(map[metric.Renewal]uint64{metric.Renewed: 2, metric.Lapsed: 1}, got.Renewals); diff != "" {
			t.Error(diff)
		}
		if f := got.Fetches[""]; f.Count() != 3 || f.Sum != 3 {
			t.Errorf("fetches %+v, want 3 of a second each", f)
		}
		mustToken(t, s)
		g.fail(errors.New("down"))
		busy(55 * time.Minute)
		if n := s.Metrics(); n.Renewals[metric.Failed] == 0 || n.Fetches[metric.ErrorUnavailable].Count() != s.Stats().Failures {
			t.Errorf("%+v, want failed renewals and %d failures", n, s.Stats().Failures)
		}
	})
}

func TestMetricsOfWaitsForAnotherProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		shared := new(store.Map)
		held := &leasemap.Map{Store: shared}
		one, other := start(t, g, token.Config{Store: shared, Tiers: lease.Tiers{Lease: held}}), start(t, g, token.Config{Store: shared, Tiers: lease.Tiers{Lease: held}})
		go one.Token(t.Context(), 0)
		time.Sleep(400 * time.Millisecond)
		mustToken(t, other)
		if n := other.Metrics(); n.LeaseWaits != 1 || n.LeaseWaited < 600*time.Millisecond || n.LeaseWaited > 700*time.Millisecond || len(n.Fetches) != 0 {
			t.Errorf("%+v, want one wait of about 600 ms", n)
		}
		if n := one.Metrics(); n.LeaseWaits != 0 {
			t.Errorf("the one that fetches has waited: %+v", n)
		}
	})
}
