package tiered_test

import (
	"testing"

	"github.com/advoware-go/advoware/internal/leasemap"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// What a Source needs of a tiered store comes as one value, whole.
func TestTiersAreWhole(t *testing.T) {
	near, far := new(store.Map), new(store.Map)
	for _, withLease := range []bool{true, false} {
		cfg := tiered.Config{Near: near, Far: far}
		if withLease {
			cfg.Lease = &leasemap.Map{Store: far}
		}
		s, err := tiered.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		tiers := s.Tiers()
		if tiers.Near != store.Store(near) || tiers.Reread == nil || tiers.Follow == nil || tiers.Deleted == nil {
			t.Errorf("Tiers = %+v", tiers)
		}
		if (tiers.Lease != nil) != withLease {
			t.Errorf("with a lease %v: Tiers.Lease = %v", withLease, tiers.Lease)
		}
	}
}
