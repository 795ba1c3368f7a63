package chaos_test

import (
	"net"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// namesTrial gives the name of Redis another address: that of the replica, which takes over
// when the master has died. The port stays the same.
func namesTrial(t *testing.T) {
	master, replica := redistest.StartPair(t)
	_, port, _ := net.SplitHostPort(master.Addr())
	redistest.StartRelayAt(t, net.JoinHostPort("127.0.0.2", port), replica.Addr())
	dns := serveNames(t, "127.0.0.1")

	w := &world{t: t, redis: master}
	w.serve(clienttest.Options{TokenLatency: trialLatency})
	r := newRound(w, 0)
	byName := w.env("REDIS_HOST=redis.chaos.test", "REDIS_PORT="+port, "REDIS_ALLOW_REMOTE=true")
	r.f = r.joinBy(byName, 3, "-dns", dns.conn.LocalAddr().String())
	if dns.answers.Load() == 0 {
		t.Error("nobody has asked for the address of Redis: this shows nothing")
	}
	r.busy(2*time.Second, r.sets)
	r.f.calls(10)

	over := r.outage("", "the name of Redis gets another address")
	master.Kill()
	replica.Do("REPLICAOF", "NO", "ONE")
	dns.set("127.0.0.2")
	r.moved(replica)
	over()
	_ = r.foreign.Close()
	r.foreign = w.plain()
	r.busy(14*time.Second, r.sets)
	if dns.answers.Load() == 0 {
		t.Error("nobody was told of the other address: this shows nothing")
	}
	if clients := figure(replica, "clients", "tracking_clients"); clients < len(r.f) {
		t.Errorf("%d connections follow the changes of the replica, want one of each of %d processes", clients, len(r.f))
	}
	r.f.turn(patience, r.stored(), time.Now())
	r.end("the name of Redis gets another address")
}
