package client_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// TestRealClock runs the main scenes of the simulations once more on real sockets
// against the real clock, with tokens that live for four seconds.
func TestRealClock(t *testing.T) {
	t.Parallel()
	const guard, margin = 400 * time.Millisecond, 800 * time.Millisecond
	w := start(t, setup{
		tcp:     true,
		fake:    clienttest.Options{Lifetime: 4 * time.Second, TokenLatency: 50 * time.Millisecond},
		gateway: func(c *gateway.Config) { c.Guard = guard },
		token:   func(c *token.Config) { c.Margins = store.Margins{Guard: guard, Margin: margin} },
	})
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	const calls = 120
	for i := range calls {
		if i == calls/2 {
			w.fake.RevokeAll()
		}
		if err := w.get(t.Context(), "/employees/1"); err != nil {
			t.Fatalf("call %d: %v", i+1, err)
		}
		<-tick.C
	}
	st, requests := w.Stats(), w.fake.Counts().TokenRequests
	t.Logf("%d calls in 12 s of real time, tokens of 4 s, one revocation: %d waited, %d token requests, %d answers 401",
		st.Calls, st.TokenWaits, requests, st.API401)
	if st.API401 != 1 {
		t.Errorf("%d answers 401, want the one after the revocation", st.API401)
	}
	// A busy machine may hold up a renewal, but not all of them.
	if int(st.TokenWaits) >= requests || requests < 4 || requests > 10 {
		t.Errorf("%d token requests, %d calls waited: want renewals ahead", requests, st.TokenWaits)
	}
}
