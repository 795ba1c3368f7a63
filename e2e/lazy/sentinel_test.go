package lazy_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
)

// Behind Sentinel nothing is open between calls either, and each connection leads to the
// master of the moment.
func TestSentinel(t *testing.T) {
	t.Parallel()
	fake, s := clienttest.Start(t, clienttest.Options{}), redistest.StartSentinel(t)
	url := "redis://127.0.0.1:" + e2etest.ClosedPort(t) + "/1?master_name=" + redistest.MasterName // one that is dead
	for _, addr := range s.Addrs() {
		url += "&addr=" + addr
	}
	one := start(t, advoware.StoreTiered, append(fake.Env(), "ADVOWARE_LAZY=true", "REDIS_URL="+url)...)
	one.mustCall()
	one.mustBeIdle("a call")
	two := start(t, advoware.StoreTiered, append(fake.Env(), "ADVOWARE_LAZY=true", "REDIS_URL="+url)...)
	share(t, one, two, s, fake)
	if n, late := fake.Counts().TokenRequests, one.late+two.late; n > 1+late {
		t.Errorf("%d token requests; %d times a process did without Redis", n, late)
	}
	s.Failover()
	fake.RevokeAll()
	before, lateBefore := fake.Counts().TokenRequests, one.late+two.late
	one.mustCall()
	share(t, one, two, s, fake)
	if n, late := fake.Counts().TokenRequests-before, one.late+two.late-lateBefore; n < 1 || n > 1+late {
		t.Errorf("%d token requests after a failover; %d times a process did without Redis", n, late)
	}
	one.mustBeIdle("a failover")
	two.mustBeIdle("a failover")
}

// share has two processes call until both use the token that is in Redis. A call waits 250 ms for
// it: on a machine that is much too busy one goes on with a token of its own, and the next write it.
func share(t *testing.T, one, two *worker, s *redistest.Sentinel, fake *clienttest.Server) {
	t.Helper()
	until(t, "both use the token that is in Redis", func() bool {
		a, b := one.mustCall().Fingerprint, two.mustCall().Fingerprint
		text, _ := s.Master().Do("GET", fake.Getenv("ADVOWARE_TOKEN_KEY")).(string)
		tok, _ := store.NewToken(text, time.Time{}, time.Time{})
		return a == b && a == tok.Fingerprint()
	})
}
