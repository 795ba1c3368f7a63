package chaos_test

import (
	"net"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/e2e/chaos"
	"github.com/advoware-go/advoware/internal/faultproxy"
)

// egressTrial has a process that does not reach the gateway and holds the lease, among
// others that do.
func egressTrial(t *testing.T) {
	r := newRound(trialWorld(t), 0)
	sick := r.fleet(1, r.env(), append([]string{"-history", r.dir, "-goroutines", "2", "-pause", "40ms", "-gateway", blackHole(t)}, refreshes...)...)
	sick.start()
	if !within(patience, func() bool { return r.redis.Do("EXISTS", leaseKey) == int64(1) }) {
		t.Fatal("nobody has the lease: this shows nothing")
	}
	r.f = r.join(3)
	r.busy(4*time.Second, r.sets)
	r.del()
	r.busy(4*time.Second, r.sets)
	r.f.calls(20)
	if reached := sick[0].name; r.hasAsked(reached) {
		t.Errorf("the gateway got a token request of %s: its egress was not cut", reached)
	}
	sick[0].kill() // a Refresh of it may hang
	r.end("the egress of a process is cut")
}

// hasAsked reports whether a token request of that process reached the gateway.
func (r *round) hasAsked(name string) bool {
	for _, req := range r.fake.Requests() {
		if req.Path == tokenPath && req.Header.Get(chaos.WorkerHeader) == name {
			return true
		}
	}
	return false
}

// lateWriteTrial stops a process when it has sent its token to Redis, for longer than its
// lease lasts. The write arrives when others have replaced the token long ago.
func lateWriteTrial(t *testing.T) {
	r := newRound(trialWorld(t), 0)
	links := make(map[string]*faultproxy.Proxy) // by process
	for range 3 {
		px, err := faultproxy.Start(r.redis.Addr())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = px.Close() })
		_, port, _ := net.SplitHostPort(px.Addr())
		f := r.joinBy(r.env("REDIS_PORT="+port), 1)
		links[f[0].name] = px
		r.f = append(r.f, f...)
	}
	r.set()
	r.f.calls(10)
	old, before := r.stored(), r.requests()
	r.fake.Inject(clienttest.Fault{On: clienttest.TokenEndpoint, Delay: time.Second})
	r.del()
	_, holder := r.f.without(r.asker(before))
	over := r.outage(holder.name, "it is stopped, and its commands are late")
	link := links[holder.name]
	_ = link.Set(faultproxy.Fault{Delay: time.Minute})
	sent := link.Stats().Commands["EVALSHA"] + link.Stats().Commands["EVAL"]
	<-time.After(1200 * time.Millisecond) // the answer is there, and the write is under way
	holder.stop()
	if now := link.Stats().Commands["EVALSHA"] + link.Stats().Commands["EVAL"]; now == sent {
		t.Error("the process has sent no write: this shows nothing")
	}
	r.another(old)
	r.busy(time.Second, r.sets)
	newer := r.stored()
	passed := link.Stats().Replies
	_ = link.Set(faultproxy.Fault{})
	if !within(patience, func() bool { return link.Stats().Replies > passed }) {
		t.Error("the write did not arrive: this shows nothing")
	}
	if got := r.stored(); got != newer {
		t.Errorf("Redis has %s, want %s: the late write replaced it", got, newer)
	}
	holder.wake()
	over()
	r.f.calls(20)
	<-time.After(11 * time.Second)
	r.busy(time.Second, r.sets)
	if got := r.requests() - before; got != 2 {
		t.Errorf("%d token requests, want that of the holder and another one", got)
	}
	r.end("a write arrives after its lease")
}
