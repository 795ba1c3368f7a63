package stage_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/event"
	"github.com/advoware-go/advoware/benchmarks/study/stage"
)

// The client asks once where the office is when it has moved, and a new process asks anew unless it
// finds the address in Redis. Calls that were under way when the office moved may fail, no others.
func TestOfficeThatMoves(t *testing.T) {
	for _, tt := range []struct {
		store           string
		requests, least int
	}{
		{"memory", 1, 2}, // one each for the new process
		{"redis", 0, 1},
		{"tiered", 1, 1}, // none, unless Redis keeps it waiting for longer than a call waits
	} {
		t.Run(tt.store, func(t *testing.T) {
			t.Parallel()
			const slow = 40 * time.Millisecond
			take := perform(t, "discovery", tt.store, func(p *stage.Play) { p.Rate, p.DiscoveryLatency = 100, slow })
			r := take.Result
			if r.Done != 90 || r.Failed > 8 && !slowRedis(take) {
				t.Errorf("%d calls, %d failed, %v; there are 8 at a time", r.Done, r.Failed, r.Problems)
			}
			asked := take.DiscoveryRequests
			if take.TokenRequests > tt.requests || asked < tt.least || asked > 2 || kinds(take, event.Scene) != 2 {
				t.Errorf("%d token requests, %d questions where the office is; events %v", take.TokenRequests, take.DiscoveryRequests, take.Events)
			}
			if r.Latency.Max() < slow {
				t.Errorf("the slowest call took %v: none waited until the client had moved", r.Latency.Max())
			}
		})
	}
}
