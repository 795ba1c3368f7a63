package outage_test

import (
	"slices"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store/tiered"
)

// A process that serves many Kanzleien, none of which has a token yet, waits for a
// Redis that does not answer once in each window of the breaker, and not once for each.
func TestOutageIsPaidForOnceAWindow(t *testing.T) {
	t.Parallel()
	for _, fault := range redisFaults {
		if !slices.Contains([]string{"hung", "blackholed", "5s late"}, fault.name) {
			continue // it says at once that it does not work
		}
		for _, client := range []redisClient{ourClient, poorClient} {
			t.Run(fault.name+"/"+client.name, func(t *testing.T) {
				r := newOutageRig(t, fault, client)
				base, rdb := r.config(t, 0)
				if rdb != nil {
					defer rdb.Close()
				}
				stores, err := advoware.OpenStores(base)
				if err != nil {
					t.Fatal(err)
				}
				defer stores.Close()
				base.Shared = stores
				r.begin(t)
				defer r.end(t)

				const kanzleien = 30
				began, waited := time.Now(), time.Duration(0)
				for i := range kanzleien {
					c := open(t, kanzlei(t, r.fake, base, i))
					f, err := c.Source().Lookup(t.Context(), 0)
					if err != nil || f.Origin != token.Fetched {
						t.Errorf("a token from %v, %v; want a new one", f.Origin, err)
					}
					waited += f.FarWait
				}
				took := time.Since(began)
				windows := 1 + took/tiered.DefaultBreakerTimeout
				if most := windows * token.DefaultFarWait; waited == 0 || waited > most {
					t.Errorf("waited %v for Redis in %v; want something, and no more than %v", waited, took, most)
				}
				r.requests(t, kanzleien, kanzleien)
			})
		}
	}
}

// With a client, and a door, that would wait for an hour, a call that waits for an
// answer of Redis does not end before this test does.
func TestOutageNobodyWaitsForAnAnswer(t *testing.T) {
	t.Parallel()
	for _, fault := range redisFaults {
		if !slices.Contains([]string{"hung", "blackholed", "half a reply"}, fault.name) {
			continue // there is an answer, or an end
		}
		for _, near := range []bool{false, true} {
			t.Run(fault.name+"/"+map[bool]string{false: "no token near", true: "a token near"}[near], func(t *testing.T) {
				r := newOutageRig(t, fault, deafClient)
				d := r.door(t, 0)
				if near {
					r.recovered(t, []*outageDoor{d}, d.lookup(t))
				}
				r.begin(t)
				d.lookup(t)
				d.serve(t)
				f, err := d.Source().Refresh(t.Context())
				if err != nil {
					t.Errorf("Refresh: %v", err)
				}
				d.serve(t)
				r.fake.Revoke(f.Token.Reveal()) // which the API is the first to tell
				mustCall(t, d.Client)
				d.serve(t)
				r.requests(t, 3, 3)
				_ = d.rdb.Close() // else Close would wait for an hour
				r.end(t)
				d.close(t)
			})
		}
	}
}
