package outage_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/faultproxy"
	"github.com/advoware-go/advoware/internal/redistest"
)

const (
	outageKey = advoware.DefaultTokenKey
	// outagePatience is how long what must happen may take before a test is told
	// instead of hung. The breaker alone leaves Redis alone for 5 seconds, and a process that
	// gets a twentieth of a processor is long without a connection.
	outagePatience = 4 * time.Minute
)

// outageRig is a gateway, and a real Redis that two doors reach, each through a proxy
// of its own.
type outageRig struct {
	fake    *clienttest.Server
	srv     *redistest.Server
	admin   *redistest.Conn // that is let in whatever happens
	proxies [2]*faultproxy.Proxy
	client  redisClient
	fault   redisFault
	labels  context.Context // of the goroutines that leavesNothing looks for
}

func newOutageRig(t *testing.T, fault redisFault, c redisClient) *outageRig {
	t.Helper()
	r := &outageRig{fake: newFake(t, clienttest.Options{}), srv: redistest.Start(t), fault: fault, client: c, labels: t.Context()}
	r.admin = r.srv.Dial()
	for i := range r.proxies {
		p, err := faultproxy.Start(r.srv.Addr())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.Close() })
		r.proxies[i] = p
	}
	return r
}

func (r *outageRig) set(t *testing.T, f faultproxy.Fault) {
	t.Helper()
	for _, p := range r.proxies {
		if err := p.Set(f); err != nil {
			t.Fatal(err)
		}
	}
}

func (r *outageRig) do(t *testing.T, args ...string) any {
	t.Helper()
	reply, err := r.admin.Do(args...)
	if bad, is := reply.(redistest.Error); is || err != nil {
		t.Fatalf("%q: %v, %v", args, bad, err)
	}
	return reply
}

// begin brings the fault on, end takes it away.
func (r *outageRig) begin(t *testing.T) { r.unseen(func() { r.fault.begin(t, r) }) }
func (r *outageRig) end(t *testing.T)   { r.unseen(func() { r.fault.end(t, r) }) }

// inRedis returns the token that stands in Redis with a TTL, "" if there is none.
func (r *outageRig) inRedis(t *testing.T) string {
	t.Helper()
	if r.do(t, "TYPE", outageKey) != "string" || r.do(t, "PTTL", outageKey).(int64) <= 0 {
		return ""
	}
	text, _ := r.do(t, "GET", outageKey).(string)
	return text
}

// recovered waits until one of these tokens stands in Redis with a TTL, and all doors
// use it. Nobody calls meanwhile.
func (r *outageRig) recovered(t *testing.T, doors []*outageDoor, want ...token.Found) {
	t.Helper()
	is := func(text string) bool {
		return slices.ContainsFunc(want, func(f token.Found) bool { return f.Token.Reveal() == text })
	}
	var names, seen []string // tokens are told by their place in names
	number := func(text string) int {
		if !slices.Contains(names, text) {
			names = append(names, text)
		}
		return slices.Index(names, text)
	}
	for _, f := range want {
		number(f.Token.Reveal())
	}
	defer func() {
		if t.Failed() {
			t.Logf("%d tokens were wanted; in Redis, and near each door: %v", len(want), seen)
			for i, d := range doors {
				stats, _ := json.Marshal(d.Stats())
				t.Logf("door %d: %s", i, stats)
			}
		}
	}()
	outageUntil(t, "Redis has the token again", func() bool { return is(r.inRedis(t)) })
	began := time.Now()
	outageUntil(t, "all use the token that is in Redis", func() bool {
		text := r.inRedis(t)
		all := []int{number(text)}
		for _, d := range doors {
			all = append(all, number(d.lookup(t).Token.Reveal()))
		}
		if now := fmt.Sprint(all); len(seen) == 0 || !strings.HasSuffix(seen[len(seen)-1], now) {
			seen = append(seen, fmt.Sprintf("%.3fs %s", time.Since(began).Seconds(), now))
		}
		return is(text) && !slices.ContainsFunc(all, func(n int) bool { return n != all[0] })
	})
}

func (r *outageRig) requests(t *testing.T, least, most int) {
	t.Helper()
	if n := r.fake.Counts().TokenRequests; n < least || n > most {
		t.Errorf("%d token requests, want %d to %d", n, least, most)
	}
}

// outageAwait waits for something that another goroutine does.
func outageAwait[T any](t *testing.T, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(outagePatience):
		t.Fatalf("never happened: %s", what)
	}
	return v
}

// outageUntil waits until ok.
func outageUntil(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(outagePatience); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// leavesNothing runs f and waits until none of the goroutines that it started, or that
// these started, is left. What is done by unseen does not count.
func (r *outageRig) leavesNothing(t *testing.T, f func()) {
	t.Helper()
	pprof.Do(t.Context(), pprof.Labels("outage", t.Name()), func(ctx context.Context) {
		r.labels = ctx
		f()
	})
	mark := fmt.Sprintf("%q:%q", "outage", t.Name())
	var left []string
	for deadline := time.Now().Add(outagePatience); ; {
		if left = labelled(mark); len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("goroutines are left:\n%s", strings.Join(left, "\n"))
		}
		<-time.After(100 * time.Millisecond)
	}
}

func (r *outageRig) unseen(f func()) {
	pprof.SetGoroutineLabels(context.Background())
	defer pprof.SetGoroutineLabels(r.labels)
	f()
}

var paragraphs = regexp.MustCompile(`\n\n+`)

// labelled returns the goroutines with a label, as pprof writes them.
func labelled(mark string) []string {
	var b bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&b, 1)
	return slices.DeleteFunc(paragraphs.Split(b.String(), -1), func(p string) bool { return !strings.Contains(p, mark) })
}
