package advoware_test

import (
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/store"
)

func TestTokenOfAClosedClientIsNotAnothersToUse(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	base := config(t, fake, nil)
	base.Store = advoware.StoreMemory
	stores, err := advoware.OpenStores(base)
	if err != nil {
		t.Fatal(err)
	}
	defer stores.Close()
	base.Shared = stores
	first := open(t, base)
	mustCall(t, first)
	theirs, _ := first.Source().Token(t.Context(), 0)
	_ = first.Close()

	second := kanzlei(t, fake, base, 1)
	second.TokenKey = base.TokenKey
	c, err := advoware.New(second)
	if errors.Is(err, store.ErrIdentity) {
		return // as good
	}
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if tok, err := c.Source().Token(t.Context(), 0); err != nil || tok.Equal(theirs) {
		t.Errorf("another Kanzlei's client got %v, the first one's token; %v", tok, err)
	}
}

// A key is somebody's as long as somebody uses it or has a token there, and not for ever.
func TestKeyOfAClosedClientIsReleased(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	base := config(t, fake, nil)
	base.Store = advoware.StoreMemory
	stores, err := advoware.OpenStores(base)
	if err != nil {
		t.Fatal(err)
	}
	defer stores.Close()
	base.Shared = stores
	first, also := open(t, base), open(t, base)
	second := kanzlei(t, fake, base, 1)
	second.TokenKey = base.TokenKey
	for _, c := range []interface{ Close() error }{first, also} {
		if _, err := advoware.New(second); !errors.Is(err, store.ErrIdentity) {
			t.Errorf("the key of a client that is open: %v", err)
		}
		_ = c.Close()
		_ = c.Close()
	}
	c, err := advoware.New(second)
	if err != nil {
		t.Fatalf("the key of clients that are closed and had no token: %v", err)
	}
	mustCall(t, c)
	_ = c.Close()
	if _, err := advoware.New(base); !errors.Is(err, store.ErrIdentity) {
		t.Errorf("the key of a token that has not ended: %v", err)
	}
}

// Clients that are opened and closed leave nothing behind.
func TestClosedClientsLeaveNothing(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	base := config(t, fake, nil)
	base.Store = advoware.StoreMemory
	stores, err := advoware.OpenStores(base)
	if err != nil {
		t.Fatal(err)
	}
	defer stores.Close()
	base.Shared = stores
	heap := func(n int) uint64 {
		for i := range n {
			cfg := base
			cfg.TokenKey = fmt.Sprintf("a-rather-long-name-of-a-key-%d-%d", n, i)
			c, err := advoware.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			_ = c.Close()
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	heap(500)
	before := heap(501)
	if after := heap(4000); after > before+4000*100 {
		t.Errorf("4000 clients that are closed keep %d bytes", after-before)
	}
}

// Clients on the same Stores share their HTTP connections: what they keep open does not
// grow with their number.
func TestManyKanzleienShareConnections(t *testing.T) {
	const many, few = 200, 20
	fake := newFake(t, clienttest.Options{})
	base := config(t, fake, nil)
	base.Store = advoware.StoreMemory
	stores, err := advoware.OpenStores(base)
	if err != nil {
		t.Fatal(err)
	}
	base.Shared = stores
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

// A process that serves thousands of offices has a Client for each, most of them idle: one on
// shared Stores takes 3 KB of heap at most.
func TestMemoryOfAClient(t *testing.T) {
	const clients, most = 2000, 3072 // so many that what else is on the heap does not count
	fake := newFake(t, clienttest.Options{})
	base := config(t, fake, nil)
	base.Store, base.Transport = advoware.StoreMemory, fake.Client().Transport
	stores, err := advoware.OpenStores(base)
	if err != nil {
		t.Fatal(err)
	}
	defer stores.Close()
	base.Shared = stores
	configs, all := make([]advoware.Config, clients), make([]*client.Client, clients)
	for i := range configs {
		configs[i] = kanzlei(t, fake, base, i)
	}
	var before, after runtime.MemStats
	collect(&before)
	for i := range all {
		if all[i], err = advoware.New(configs[i]); err != nil {
			t.Fatal(err)
		}
		defer all[i].Close()
	}
	collect(&after)
	runtime.KeepAlive(configs)
	n := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / clients
	if t.Logf("%d bytes", n); n > most {
		t.Errorf("a Client takes %d bytes, want %d at most", n, most)
	}
}

func collect(m *runtime.MemStats) {
	for range 3 { // what has a finalizer, or is in a pool, takes more than one
		runtime.GC()
	}
	runtime.ReadMemStats(m)
}
