package lazy_test

import (
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
	"github.com/advoware-go/advoware/internal/redistest"
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
	first := one.mustCall()
	one.mustBeIdle("a call")
	two := start(t, advoware.StoreTiered, append(fake.Env(), "ADVOWARE_LAZY=true", "REDIS_URL="+url)...)
	if r := two.mustCall(); r.Fingerprint != first.Fingerprint || fake.Counts().TokenRequests != 1 {
		t.Errorf("%+v, %d token requests; want the token of the first process", r, fake.Counts().TokenRequests)
	}
	s.Failover()
	fake.RevokeAll()
	second := one.mustCall()
	if r := two.mustCall(); r.Fingerprint != second.Fingerprint {
		t.Errorf("after a failover: %+v, want %s from the new master", r, second.Fingerprint)
	}
	if now := s.Master().Do("GET", fake.Getenv("ADVOWARE_TOKEN_KEY")); now == nil {
		t.Error("the new master has no token")
	}
	one.mustBeIdle("a failover")
	two.mustBeIdle("a failover")
}
