package stage_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/event"
	"github.com/advoware-go/advoware/benchmarks/study/scenario"
	"github.com/advoware-go/advoware/benchmarks/study/stage"
	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

// Each tenant that is called has a token of its own, which is replaced once: those that are used
// ahead of their end, the others when they are asked for afterwards.
func TestManyTenants(t *testing.T) {
	for _, tt := range []struct {
		store  string
		spread subject.Spread
	}{
		{"memory", subject.Even}, {"memory", subject.Zipf}, {"tiered", subject.Even},
	} {
		t.Run(tt.store+"/"+string(tt.spread), func(t *testing.T) {
			t.Parallel()
			const tenants = 30
			take := perform(t, "tenants", tt.store, func(p *stage.Play) {
				p.Tenants, p.Spread, p.Rate, p.Duration = tenants, tt.spread, 100, 1500*time.Millisecond
			})
			r, lookups := take.Result, take.Counts.Hits+take.Counts.Waits
			if r.Done != 150 || r.Failed != 0 || lookups != 150 {
				t.Errorf("%d calls, %d failed, %v; %d lookups", r.Done, r.Failed, r.Problems, lookups)
			}
			// All of them are called before the end and after it, if none is preferred.
			if n := take.TokenRequests; n > tenants || n < 1 || tt.spread == subject.Even && n != tenants {
				t.Errorf("%d token requests for %d tenants, whose tokens end once", n, tenants)
			}
			if kinds(take, event.Scene) != 1 || kinds(take, event.Request) != 0 {
				t.Errorf("events %v; want the end of the tokens, and none of each tenant", take.Events)
			}
		})
	}
}

// The tokens end at the instant that the scenario says, and not before: nothing is fetched until
// shortly before it.
func TestTokensOfTenantsLastUntilTheirEnd(t *testing.T) {
	take := perform(t, "tenants", "memory", func(p *stage.Play) {
		p.Tenants, p.Spread, p.Rate, p.Duration = 5, subject.Even, 100, 2*time.Second
	})
	for i, slot := range take.Result.Slots {
		at := time.Duration(i) * take.Result.Slot
		if at < time.Second*9/10 && slot.Lookups.Waits > 0 {
			t.Errorf("%d calls waited for a token in the part that begins at %v", slot.Lookups.Waits, at)
		}
	}
	if take.TokenRequests != 5 {
		t.Errorf("%d token requests for 5 tenants, whose tokens end once", take.TokenRequests)
	}
}

func TestTenantsThatCannotFetch(t *testing.T) {
	p := stage.Play{Store: subject.Stores()[0], Load: subject.Lookup, Rate: 100, Duration: time.Second, Workers: 2}
	for _, s := range scenario.All() {
		if s.Name == "tenants" {
			p.Scenario = s
		}
	}
	if take, err := stage.Perform(t.Context(), p); err == nil {
		t.Errorf("played with no tenants: %+v", take)
	}
}
