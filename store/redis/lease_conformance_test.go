package redis_test

import (
	"testing"

	"github.com/advoware-go/advoware/internal/redistest"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/storetest"
)

func TestLeaseConformance(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	storetest.RunLease(t, storetest.LeaseConfig{Join: func(t testing.TB) func() storetest.Process {
		return func() storetest.Process {
			p := newProcess(t, srv, redisstore.LeaseConfig{})
			return storetest.Process{Store: p.Store, Lease: p.Lease}
		}
	}})
}
