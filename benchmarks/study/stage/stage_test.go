package stage_test

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/benchmarks/study/event"
	"github.com/advoware-go/advoware/benchmarks/study/load"
	"github.com/advoware-go/advoware/benchmarks/study/scenario"
	"github.com/advoware-go/advoware/benchmarks/study/stage"
	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

func TestMain(m *testing.M) {
	goredis.SetLogger(silent{}) // it writes of each lost connection
	os.Exit(m.Run())
}

// perform plays a scenario briefly. Nothing that depends on the speed of the machine is
// tested here, only what must happen however slow it is.
func perform(t *testing.T, name, store string, change func(*stage.Play)) *stage.Take {
	t.Helper()
	p := stage.Play{Rate: 300, Duration: 900 * time.Millisecond, Workers: 8, TokenLatency: 50 * time.Millisecond}
	for _, s := range scenario.All() {
		if s.Name == name {
			p.Scenario, p.Load = s, s.Loads[0]
		}
	}
	for _, s := range subject.Stores() {
		if s.Name == store {
			p.Store = s
		}
	}
	if p.Store.Redis {
		needRedis(t)
	}
	if change != nil {
		change(&p)
	}
	take, err := stage.Perform(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return take
}

func needRedis(t *testing.T) {
	t.Helper()
	const requireEnv = "ADVOWARE_REQUIRE_REDIS"
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv(requireEnv) == "1" {
			t.Fatalf("no redis-server on PATH, and %s=1 demands one", requireEnv)
		}
		t.Skipf("no redis-server on PATH: a real Redis is needed here (%s=1 makes this a failure)", requireEnv)
	}
}

func kinds(t *stage.Take, kind event.Kind) int {
	n := 0
	for _, e := range t.Events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// slowRedis reports whether Redis took longer than a call waits for it, as it may where the machine
// has other things to do. A call that has no other store fails then.
func slowRedis(t *stage.Take) bool {
	return slices.ContainsFunc(t.Result.Problems, func(p load.Problem) bool {
		return strings.Contains(p.Text, "context deadline exceeded") || strings.Contains(p.Text, "does not wait for Redis")
	})
}

// whatever is a number of token requests that depends on how fast go-redis reconnects.
const whatever = -1

func TestScenariosWithStores(t *testing.T) {
	for _, tt := range []struct {
		scenario, store  string
		requests, scenes int
		fails            bool
	}{
		{"steady", "memory", 0, 0, false},
		{"steady", "redis", 0, 0, false},
		{"cold", "memory", 2, 1, false}, // once more by the new process
		{"cold", "redis", 1, 1, false},
		{"cold", "tiered", 1, 1, false},
		{"storm", "memory", 2, 2, false}, // one for each revocation, not for each 401
		{"storm", "tiered", 2, 2, false},
		{"outage", "redis", whatever, 3, true},
		{"outage", "tiered", 1, 3, false}, // by the new process, which has no Redis
	} {
		t.Run(tt.scenario+"/"+tt.store, func(t *testing.T) {
			t.Parallel()
			take := perform(t, tt.scenario, tt.store, nil)
			r := take.Result
			if r.Done != 270 || r.Planned != 270 || take.Partial {
				t.Errorf("done %d of %d, partial %t", r.Done, r.Planned, take.Partial)
			}
			if tt.store == "redis" && !tt.fails && slowRedis(take) {
				t.Logf("Redis was slow: %v", r.Problems)
				return
			}
			if tt.fails != (r.Failed > 0) || tt.fails != (len(r.Problems) > 0) {
				t.Errorf("%d calls failed: %v", r.Failed, r.Problems)
			}
			if tt.requests != whatever && take.TokenRequests != tt.requests || kinds(take, event.Request) != take.TokenRequests || kinds(take, event.Scene) != tt.scenes {
				t.Errorf("%d token requests; events %v", take.TokenRequests, take.Events)
			}
			if take.Counts.Hits+take.Counts.Waits < int64(r.Done) {
				t.Errorf("fewer lookups than calls: %+v", take.Counts)
			}
		})
	}
}

func TestTokensExpireAndAreRenewed(t *testing.T) {
	for _, store := range []string{"memory", "redis", "tiered"} {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			take := perform(t, "expiry", store, func(p *stage.Play) { p.Duration = 2 * time.Second; p.Rate = 100 })
			if take.TokenRequests < 2 || take.Result.Failed > 0 || take.Result.Done != 200 {
				t.Errorf("%d token requests, %d of %d calls failed: %v", take.TokenRequests, take.Result.Failed, take.Result.Done, take.Result.Problems)
			}
			if take.Life.IsZero() || take.TokenLatency > 50*time.Millisecond {
				t.Errorf("life %v, token latency %v", take.Life, take.TokenLatency)
			}
		})
	}
}

func TestStormHappensToWholeCalls(t *testing.T) {
	take := perform(t, "storm", "memory", nil)
	if take.Counts.Unauthorized < 2 || take.APILatency != 5*time.Millisecond {
		t.Errorf("%d answers of 401, API latency %v", take.Counts.Unauthorized, take.APILatency)
	}
	var at []time.Duration
	for _, e := range take.Events {
		if e.Kind == event.Scene {
			at = append(at, e.At)
		}
	}
	if len(at) != 2 || !slices.IsSorted(at) || at[0] < 270*time.Millisecond || at[1] < 585*time.Millisecond {
		t.Errorf("revocations at %v", at)
	}
}

func TestPerformanceThatIsBrokenOff(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	p := stage.Play{Scenario: scenario.All()[0], Store: subject.Stores()[0], Load: subject.Lookup, Rate: 100, Duration: time.Hour, Workers: 2}
	take, err := stage.Perform(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	if !take.Partial || take.Result.Done == 0 || take.Result.Done >= take.Result.Planned {
		t.Errorf("partial %t, %d of %d", take.Partial, take.Result.Done, take.Result.Planned)
	}
}

func TestWhatCannotBeOpenedIsAnError(t *testing.T) {
	p := stage.Play{Scenario: scenario.All()[0], Store: subject.Stores()[0], Load: subject.Lookup, Rate: -1, Duration: time.Second, Workers: 2}
	if take, err := stage.Perform(t.Context(), p); err == nil {
		t.Errorf("played with a negative rate: %+v", take)
	}
}
