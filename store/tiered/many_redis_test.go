package tiered_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// A process that serves thousands of tenants has them all back in a Redis that was emptied, by
// few goroutines, and takes a full pool of connections for no outage.
func TestManyTokensAreWrittenBackTogether(t *testing.T) {
	const n, limit = 3000, 300
	srv := redistest.Start(t)
	relay := redistest.StartRelay(t, srv.Addr())
	relay.Trip(10 * time.Millisecond)
	p := processWaiting(t, relay.Addr(), "", time.Second, tiered.DefaultFarWait)
	args := []string{"EXISTS"}
	for i := range n {
		name := fmt.Sprintf("%s_%04d", key, i)
		args = append(args, name)
		if _, err := p.near.CompareAndSwap(t.Context(), name, store.Token{}, newToken(t, "token-of-"+name, time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	before := runtime.NumGoroutine()
	for _, name := range args[1:] {
		t.Cleanup(p.Follow(name, nil))
	}
	for _, event := range []string{"start", "FLUSHALL"} {
		if event == "FLUSHALL" {
			quiet(t, srv) // a look that is under way may take an emptied key for a deleted one
			srv.Do(event)
		}
		most := 0
		var last []int
		eventually(t, "all tokens are in Redis after "+event, func() bool {
			last = append(last, runtime.NumGoroutine()-before)
			if last = last[max(0, len(last)-20):]; len(last) == 20 { // timers that are due together do not last
				most = max(most, slices.Min(last))
			}
			return srv.Do(args...) == int64(n)
		})
		if most > limit {
			t.Errorf("%s: %d goroutines for %d keys; want at most %d", event, most, n, limit)
		}
	}
	if log := p.log.String(); strings.Contains(log, "unreachable") {
		t.Errorf("a healthy server was reported to be down:\n%s", log)
	}
}

// quiet waits until nothing is asked of Redis any more but what this asks itself.
func quiet(t *testing.T, srv *redistest.Server) {
	t.Helper()
	var before, each, same int
	eventually(t, "all looks are done", func() bool {
		_, after, _ := strings.Cut(fmt.Sprint(srv.Do("INFO", "stats")), "total_commands_processed:")
		n := 0
		fmt.Sscan(after, &n)
		if same++; n-before != each {
			same = 0
		}
		before, each = n, n-before
		return same == 20
	})
}
