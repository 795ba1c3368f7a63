package chaos_test

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// halfOpenTrial lets all connections to Redis go dumb: they stay open, and nothing comes
// through them any more. New ones work. Nobody tells the processes.
func halfOpenTrial(t *testing.T) {
	redis := redistest.Start(t)
	relay := redistest.StartRelay(t, redis.Addr())
	w := &world{t: t, redis: redis, addr: relay.Addr()}
	w.serve(clienttest.Options{TokenLatency: trialLatency})
	r := newRound(w, 3)
	w.addr = "" // another program has a way of its own
	_ = r.foreign.Close()
	r.foreign = w.plain()
	r.busy(time.Second, r.sets)
	before := figure(redis, "clients", "tracking_clients")
	over := r.outage("", "connections go dumb")
	relay.Freeze()
	over()
	if !within(patience, func() bool { return figure(redis, "clients", "tracking_clients") >= 2*before }) {
		t.Errorf("%d connections follow the changes, as before: none went dumb", before)
	}
	r.busy(14*time.Second, r.sets)
	r.end("connections go dumb")
}

// distantTrial puts Redis far away.
func distantTrial(t *testing.T) {
	const trip = 30 * time.Millisecond
	redis := redistest.Start(t)
	relay := redistest.StartRelay(t, redis.Addr())
	relay.Trip(trip)
	w := &world{t: t, redis: redis, addr: relay.Addr()}
	r := newRound(w.serve(clienttest.Options{TokenLatency: trialLatency}), 3)
	began := time.Now()
	if !r.set() {
		t.Fatal("Redis is not reached")
	}
	if took := time.Since(began); took < trip {
		t.Errorf("a command took %v: Redis is not far away", took)
	}
	r.busy(6*time.Second, r.sets, r.sets, r.del, r.revoke)
	r.f.calls(20)
	r.end("Redis is far away")
}

// figure returns a number of what a server says of itself.
func figure(of *redistest.Server, section, name string) int {
	m := regexp.MustCompile(`(?m)^` + name + `:(\d+)`).FindStringSubmatch(fmt.Sprint(of.Do("INFO", section)))
	if m == nil {
		return -1
	}
	n, _ := strconv.Atoi(m[1])
	return n
}
