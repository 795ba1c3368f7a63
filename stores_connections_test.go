package advoware_test

import (
	"runtime"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// Clients on the same Stores share their HTTP connections: what they keep open does not
// grow with their number.
func TestManyKanzleienShareConnections(t *testing.T) {
	const many, few = 200, 20
	fake := newFake(t, clienttest.Options{})
	base := config(t, fake, nil)
	base.Store = advoware.Memory
	stores, err := advoware.OpenStores(base)
	if err != nil {
		t.Fatal(err)
	}
	base.Stores = stores
	var clients []*client.Client
	for i := range many {
		clients = append(clients, open(t, kanzlei(t, fake, base, i)))
	}
	goroutines := runtime.NumGoroutine()
	for range 2 {
		for _, c := range clients {
			mustCall(t, c)
		}
	}
	// The gateway has a connection for each request, which is closed after it.
	n := fake.Counts()
	if n.TokenRequests != many || n.APICalls != 2*many {
		t.Errorf("%d token requests and %d calls", n.TokenRequests, n.APICalls)
	}
	if api := n.Connections - n.TokenRequests; api > few {
		t.Errorf("%d clients have opened %d connections to the API", many, api)
	}
	if more := runtime.NumGoroutine() - goroutines; more > 3*many/2 { // a renewal's timer has none
		t.Errorf("%d clients have %d goroutines more", many, more)
	}
	for _, c := range clients[1:] {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	mustCall(t, clients[0]) // the others' end is not its
	if err := clients[0].Close(); err != nil {
		t.Fatal(err)
	}
	if err := stores.Close(); err != nil {
		t.Fatal(err)
	}
}
