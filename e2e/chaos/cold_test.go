package chaos_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/e2e/chaos"
)

const callers = 64 // goroutines of a process that starts cold

// Any number of processes that start at the same instant make one token request.
func TestColdFleetMakesOneTokenRequest(t *testing.T) {
	sizes := []int{2, 8}
	if long >= minutes {
		sizes = append(sizes, 32)
	}
	const latency = 500 * time.Millisecond
	for _, n := range sizes {
		t.Run(fmt.Sprintf("processes=%d", n), func(t *testing.T) {
			w := newWorld(t, clienttest.Options{TokenLatency: latency})
			f := w.fleet(n, w.env(), "-goroutines", strconv.Itoa(callers), "-calls", "1")
			f.start()
			reports := f.done()
			wantCalls(t, reports, n*callers)
			alone := w.wantRequests(1, reports)
			if got := f.tokens(); alone && (len(got) != 1 || got[0] != w.stored()) {
				t.Errorf("the processes used %q, and Redis has %q; want one and the same", got, w.stored())
			}
			figures.add("Cold start, a token request takes "+latency.String(), "processes\tcalls\ttoken requests\tslowest call",
				fmt.Sprintf("%d\t%d\t%d\t%s", n, sum(reports).Calls, w.requests(), short(sum(reports).Slowest)))
		})
	}
}

// A fleet that is started again finds the token in Redis.
func TestRestartedFleetMakesNoTokenRequest(t *testing.T) {
	const n = 8
	w := newWorld(t, clienttest.Options{})
	var used []string
	var all []chaos.Report
	for range 3 {
		f := w.fleet(n, w.env(), "-goroutines", "8", "-calls", "4")
		f.start()
		reports := f.done()
		wantCalls(t, reports, n*8*4)
		all = append(all, reports...)
		used = append(used, f.tokens()...)
		if !w.wantRequests(1, all) {
			return
		}
	}
	for _, token := range used {
		if token != w.stored() {
			t.Errorf("the fleets used %q, and Redis has %q", used, w.stored())
		}
	}
}
