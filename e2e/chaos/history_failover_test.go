package chaos_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// failoverTrial lets a replica take over that lacks the last writes. All that reach Redis do
// so by an address that leads to the server that is the master.
func failoverTrial(t *testing.T) {
	master := redistest.Start(t)
	toReplica := redistest.StartRelay(t, master.Addr())
	host, port, _ := net.SplitHostPort(toReplica.Addr())
	replica := redistest.Start(t, "--replicaof", host+" "+port, "--repl-diskless-sync-delay", "0")
	follows := func() bool {
		return strings.Contains(fmt.Sprint(replica.Do("INFO", "replication")), "master_link_status:up")
	}
	if !within(patience, follows) {
		t.Fatal("the replica does not follow")
	}
	address := redistest.StartRelay(t, master.Addr())
	w := &world{t: t, redis: master, addr: address.Addr()}
	r := newRound(w.serve(clienttest.Options{TokenLatency: trialLatency}), 3)
	r.busy(2*time.Second, r.sets)

	toReplica.Freeze() // it lags from now on
	r.replace()        // so that the time of what it has is over, whatever happens
	r.set()
	r.f.calls(10)
	last := r.stored()
	r.redis = replica
	if lags := r.stored(); lags == last || lags == "" {
		t.Fatalf("the replica has %q, and the master %q: it does not lag", lags, last)
	}
	over := r.outage("", "a replica that lags takes over")
	master.Kill()
	replica.Do("REPLICAOF", "NO", "ONE")
	r.moved(replica)
	address.Point(replica.Addr())
	over()
	r.f.calls(20)
	<-time.After(11 * time.Second)
	r.busy(2*time.Second, r.sets)
	r.end("a replica that lags takes over")
}
