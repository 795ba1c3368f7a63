package tiered_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store/tiered"
)

// One part of far hangs, as a Cluster master may, while another answers. A call waits for it
// once, and then the breaker is open.
func TestPartOfFarThatHangsIsAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		get := func(name string) func() { return func() { _, _ = r.Get(t.Context(), name) } }
		waited := make(chan time.Duration)
		r.far.set(nil, time.Minute)
		go func() { waited <- took(get("hangs")) }()
		synctest.Wait()
		r.far.set(nil, 0)
		time.Sleep(tiered.DefaultFarWait / 2)
		get("answers")()
		if d := <-waited; d != tiered.DefaultFarWait {
			t.Errorf("the call waited %v; want %v", d, tiered.DefaultFarWait)
		}
		r.far.set(nil, time.Minute)
		if d := took(get("hangs")); d != 0 || !r.Stats().FarDown {
			t.Errorf("the next call waited %v, far is down: %v; want an open breaker", d, r.Stats().FarDown)
		}
		time.Sleep(2 * time.Minute) // for what hangs
	})
}
