package fleet_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
)

// Many doors on one real Redis that start cold at the same moment, as processes do.
func TestFleetThatStartsColdMakesOneTokenRequest(t *testing.T) {
	for _, kind := range []advoware.StoreKind{advoware.StoreTiered, advoware.StoreRedis} {
		t.Run(string(kind), func(t *testing.T) {
			fake := newFake(t, clienttest.Options{TokenLatency: 300 * time.Millisecond})
			srv := redistest.Start(t)
			var wg sync.WaitGroup
			var fleet []*client.Client
			for range 4 {
				cfg := sharing(t, fake, srv)
				cfg.Store = kind
				c := open(t, cfg)
				fleet = append(fleet, c)
				for range 8 {
					wg.Go(func() { mustCall(t, c) })
				}
			}
			wg.Wait()
			if n := fake.Counts().TokenRequests; n < 1 || n > 1+late(fleet...) {
				t.Errorf("%d token requests", n)
			}
		})
	}
}

// A wrong password is one refusal for the fleet, not one for each process: an account
// would be locked.
func TestFleetWithAWrongPasswordIsRefusedOnce(t *testing.T) {
	fake := newFake(t, clienttest.Options{TokenLatency: 100 * time.Millisecond})
	srv := redistest.Start(t)
	var fleet []*client.Client
	door := func(password string) *client.Client {
		cfg := sharing(t, fake, srv)
		if password != "" {
			cfg.Password = secret.New(password)
		}
		fleet = append(fleet, open(t, cfg))
		return fleet[len(fleet)-1]
	}
	var wg sync.WaitGroup
	for range 8 {
		c := door("wrong")
		wg.Go(func() {
			var failed *token.FetchError
			_, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"})
			if !errors.As(err, &failed) || !failed.Refused || !errors.Is(err, gateway.ErrRefused) {
				t.Errorf("got %v", err)
			}
		})
	}
	wg.Wait()
	if n := fake.Counts().TokenRequests; n < 1 || n > 1+late(fleet...) {
		t.Errorf("%d token requests", n)
	}
	mustCall(t, door("")) // with the right password nobody waits
	before := fake.Counts().TokenRequests
	if _, err := door("wrong").Source().Refresh(t.Context()); err == nil || fake.Counts().TokenRequests != before+1 {
		t.Errorf("Refresh asks in spite of it: %v, %d token requests", err, fake.Counts().TokenRequests-before)
	}
}
