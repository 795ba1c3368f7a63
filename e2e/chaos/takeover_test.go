package chaos_test

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

const leaseKey = "{" + tokenKey + "}:lock"

// blackHole returns the address of a gateway that takes connections and says nothing.
func blackHole(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() })
		}
	}()
	return l.Addr().String()
}

// The process that fetches for all of them does not reach the gateway, and does not
// notice: the others get a token soon, by one request of one of them.
func TestHolderWithoutEgressIsReplaced(t *testing.T) {
	t.Parallel() // it waits, most of the time
	n := 8
	if long > 0 {
		n = 32
	}
	const latency = 500 * time.Millisecond
	w := newWorld(t, clienttest.Options{TokenLatency: latency})
	sick := w.fleet(1, w.env(), "-goroutines", "4", "-gateway", blackHole(t))
	sick.start()
	if !within(patience, func() bool { return w.redis.Do("EXISTS", leaseKey) == int64(1) }) {
		t.Fatal("nobody has the lease")
	}
	f := w.fleet(n-1, w.env(), "-goroutines", strconv.Itoa(callers), "-calls", "1")
	began := f.start()
	reports := f.done()
	wantCalls(t, reports, (n-1)*callers)
	if !w.wantRequests(1, reports) { // that reached the gateway
		return
	}
	if got := f.tokens(); len(got) != 1 || got[0] != w.stored() {
		t.Errorf("the processes used %q, and Redis has %q; want one and the same", got, w.stored())
	}
	slowest := sum(reports).Slowest
	if slowest > 9*time.Second { // 4 s, and a fetch; with the timeout of the sick one it was 30 s
		t.Errorf("a call took %v", slowest)
	}
	took := f.turn(patience, w.stored(), began)
	row := fmt.Sprintf("its egress is cut\t%d\t%d\t%s\t%s", sum(reports).Calls, w.requests(), short(slices.Min(took)), short(slices.Max(took)))
	figures.add(takeover, takeoverHead, row)
	t.Log(row)
	sick.turn(patience, w.stored(), began) // it has what the others got, and goes on with it
	sick.calls(10)
	wantGood(t, sick.end())
}

// What another program does to the key of the lease holds nobody up for longer than we
// would wait for one of our own.
func TestForeignLeaseHoldsNobodyUp(t *testing.T) {
	t.Parallel() // it waits, most of the time
	const (
		n     = 8
		owner = "STRANGERSTRANGERSTRANGER22" // in the form of ours
	)
	for _, c := range []struct {
		name  string
		limit time.Duration // for the slowest call
		do    []string
		again time.Duration // how often it is done, once if zero
	}{
		{"SET x EX 3600", 5 * time.Second, []string{"SET", leaseKey, "x", "EX", "3600"}, 0},
		{"an owner like ours, EX 3600", 5 * time.Second, []string{"SET", leaseKey, owner, "EX", "3600"}, 0},
		{"a list", 5 * time.Second, []string{"RPUSH", leaseKey, "x"}, 0},
		{"SET x EX 3600, each 10 ms", 5 * time.Second, []string{"SET", leaseKey, "x", "EX", "3600"}, 10 * time.Millisecond},
		{"an owner like ours, prolonged for ever", 9 * time.Second, []string{"SET", leaseKey, owner, "EX", "3"}, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, clienttest.Options{TokenLatency: 200 * time.Millisecond})
			w.redis.Do(c.do...)
			if c.again > 0 {
				foreign, stop := w.redis.Dial(), make(chan struct{})
				var writing sync.WaitGroup
				writing.Go(func() {
					tick := time.NewTicker(c.again)
					defer tick.Stop()
					for {
						select {
						case <-tick.C:
							_, _ = foreign.Do(c.do...)
						case <-stop:
							return
						}
					}
				})
				defer writing.Wait()
				defer close(stop)
			}
			f := w.fleet(n, w.env(), "-goroutines", "8", "-calls", "1")
			f.start()
			reports := f.done()
			wantCalls(t, reports, n*8)
			if late := int(sum(reports).StoreErrors); c.again == 0 {
				w.wantRequests(1, reports)
			} else if got := w.requests(); got < 1 || got > n+late {
				t.Errorf("%d token requests; %d times a process did without Redis", got, late)
			}
			slowest := sum(reports).Slowest
			if slowest > c.limit {
				t.Errorf("a call took %v", slowest)
			}
			row := fmt.Sprintf("%s\t%d\t%d\t%s", c.name, sum(reports).Calls, w.requests(), short(slowest))
			figures.add("Another program writes to the lease", "what\tcalls\ttoken requests\tslowest call", row)
			t.Log(row)
		})
	}
}

// A gateway that takes longer than usual is not asked by each process of a fleet that
// starts cold.
func TestSlowGatewayIsNotStormed(t *testing.T) {
	t.Parallel() // it waits, most of the time
	startCold(newWorld(t, clienttest.Options{TokenLatency: slowLatency}))
}

const slowLatency = 5 * time.Second

func startCold(w *world) {
	t, n := w.t, 8
	t.Helper()
	if long > 0 {
		n = 32
	}
	f := w.fleet(n, w.env(), "-goroutines", "8", "-calls", "1")
	f.start()
	reports := f.done()
	wantCalls(t, reports, n*8)
	// The holder's and one that took over.
	if late := int(sum(reports).StoreErrors); w.requests() > 2+late {
		t.Errorf("%d token requests, want 2; %d times a process did without Redis", w.requests(), late)
	} else if late > 0 {
		t.Logf("the machine is busy: %d token requests, and %d times a process did without Redis", w.requests(), late)
		return
	}
	if got := f.tokens(); len(got) != 1 || got[0] != w.stored() {
		t.Errorf("the processes used %q, and Redis has %q; want one and the same", got, w.stored())
	}
	row := fmt.Sprintf("%d\t%d\t%d\t%s", n, sum(reports).Calls, w.requests(), short(sum(reports).Slowest))
	figures.add("Cold start, a token request takes "+slowLatency.String(), "processes\tcalls\ttoken requests\tslowest call", row)
	t.Log(row)
}
