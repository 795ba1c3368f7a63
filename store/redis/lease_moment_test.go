package redis_test

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// What was written in the same millisecond holds, also with the longest TTL: the lease, and what its holder
// met. The TTLs of this server stand still.
func TestLeaseInTheMillisecondOfItsWrite(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]lease.Failure{
		"refused": {Message: "no", Refused: true, Pause: time.Hour}, // more than the longest one
		"shortly": {Message: "no", Refused: true, Pause: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			mr := miniredis.RunT(t)
			start := func() process {
				s := mustNew(t, redisstore.Config{Client: newClient(t, patient(mr.Addr())), ClientHonoursDeadlines: true})
				return processOn(t, s, redisstore.LeaseConfig{TTL: 10 * time.Second})
			}
			holder, other := start(), start()
			held := holder.ask(t, lease.Ask{})
			waits := other.ask(t, lease.Ask{})
			if waits.Holder == "" {
				t.Fatalf("a second lease: %+v", waits)
			}
			waits.Drop()
			held.Release(&f)
			until(t, "given back", func() bool { return !mr.DB(redisstore.DefaultDB).Exists(leaseKey) })
			if told := other.ask(t, lease.Ask{Holder: waits.Holder, Tried: true}); told.Failure == nil || told.Failure.Message != f.Message {
				t.Errorf("%+v; want what the holder met", told)
			}
		})
	}
}
