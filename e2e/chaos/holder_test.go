package chaos_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// The process that fetches for all of them is killed in the middle of that: another
// one takes over, and nobody else notices but by waiting.
func TestKilledHolderIsReplaced(t *testing.T) {
	t.Parallel() // it waits, most of the time
	const n = 8
	w := newWorld(t, clienttest.Options{TokenLatency: 200 * time.Millisecond})
	w.fake.Inject(clienttest.Fault{On: clienttest.TokenEndpoint, Hang: true}) // the holder's: it shall not be too late
	f := w.fleet(n, w.env(), "-goroutines", strconv.Itoa(callers), "-calls", "1")
	f.start()
	rest, holder := f.without(w.asker(0))
	killed := time.Now()
	holder.kill()
	reports := rest.done()
	wantCalls(t, reports, (n-1)*callers)
	if !w.wantRequests(2, reports) { // the holder's and another one
		return
	}
	if got := f.tokens(); len(got) != 1 || got[0] != w.stored() {
		t.Errorf("the processes used %q, and Redis has %q; want one and the same", got, w.stored())
	}
	took := rest.turn(patience, w.stored(), killed)
	row := fmt.Sprintf("killed\t%d\t%d\t%s\t%s", sum(reports).Calls, w.requests(), short(slices.Min(took)), short(slices.Max(took)))
	figures.add(takeover, takeoverHead, row)
	t.Log(row)
}

const (
	takeover     = "The holder of the lease (3 s) is lost during its fetch"
	takeoverHead = "how\tcalls\ttoken requests\tfirst call after\tlast process after"
)

// The process that fetches is stopped for longer than its lease lasts. The others
// get another token; when it wakes up with its own at last, theirs stays.
func TestStoppedHolderTakesTheNewerToken(t *testing.T) {
	t.Parallel() // it waits, most of the time
	stopHolder(newWorld(t, clienttest.Options{}))
}

func stopHolder(w *world) {
	t, n := w.t, 4
	t.Helper()
	// Longer than it takes to stop the process, on the slowest machine.
	w.fake.Inject(clienttest.Fault{On: clienttest.TokenEndpoint, Delay: 3 * time.Second})
	f := w.fleet(n, w.env(), "-goroutines", "4", "-pause", "20ms")
	f.start()
	rest, holder := f.without(w.asker(0))
	holder.stop()
	stopped := time.Now()
	early := rest.calls(10)
	newer := w.stored()
	took := rest.turn(patience, newer, stopped)
	if !w.wantRequests(2, early) { // the holder's, and that of one other process
		return
	}

	holder.wake() // its answer has long been there
	f.turn(patience, newer, stopped)
	f.calls(20)
	if got := w.stored(); got != newer {
		t.Errorf("Redis has %s; want %s, which is newer than the woken holder's", got, newer)
	}
	reports := f.end()
	// A process that waits for Redis in vain uses its own token, until it is written: another one stands.
	if got, late := f.tokens(), int(sum(reports).StoreErrors); len(got) > 1+late {
		t.Errorf("the processes used %q; want %s alone; %d times one did without Redis", got, newer, late)
	}
	wantGood(t, reports)
	w.wantRequests(2, reports)
	row := fmt.Sprintf("stopped\t%d\t%d\t%s\t%s", sum(reports).Calls, w.requests(), short(slices.Min(took)), short(slices.Max(took)))
	figures.add(takeover, takeoverHead, row)
	t.Log(row)
}
