package advoware_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/storehook"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
	"github.com/advoware-go/advoware/store/tiered"
)

// watchedNear is a near store of the caller's that wants to know of each Get. It has the
// methods of a memory.Store that it does not name, too.
type watchedNear struct {
	*memory.Store
	gets atomic.Int64
}

func (n *watchedNear) Get(ctx context.Context, key string) (store.Token, error) {
	n.gets.Add(1)
	return n.Store.Get(ctx, key)
}

// A near store that wraps a memory.Store is asked at each hit. Fails if its slots are found by
// an interface, which the wrapper has by embedding.
func TestWrappedNearIsAsked(t *testing.T) {
	t.Parallel()
	mem, err := memory.New(memory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	near := &watchedNear{Store: mem}
	stores, err := advoware.UseTiers(near, new(ownFar), tiered.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer stores.Close()
	fake := newFake(t, clienttest.Options{})
	cfg, err := advoware.ReadEnv(fake.Getenv, advoware.StoreTiered)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Transport, cfg.AllowInsecure, cfg.Shared = fake.Transport(), true, stores
	c := open(t, cfg)
	for range 3 {
		mustCall(t, c)
	}
	before := near.gets.Load()
	for range 10 {
		mustCall(t, c)
	}
	if n := near.gets.Load() - before; n < 10 {
		t.Errorf("near was asked %d times in 10 calls", n)
	}
}

// Each near store that the door opens, or is given, lets its slots be held.
func TestSlotsOfTheDoor(t *testing.T) {
	t.Parallel()
	mem, err := memory.New(memory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	use := func(near store.Store) func() (*advoware.Stores, error) {
		return func() (*advoware.Stores, error) { return advoware.UseTiers(near, new(ownFar), tiered.Config{}) }
	}
	open := func(cfg advoware.Config) func() (*advoware.Stores, error) {
		return func() (*advoware.Stores, error) { return advoware.OpenStores(cfg) }
	}
	for name, c := range map[string]struct {
		open func() (*advoware.Stores, error)
		want bool
	}{
		"tiered":       {open(advoware.Config{OneShot: true}), true},
		"memory":       {open(advoware.Config{Store: advoware.StoreMemory}), true},
		"lazy":         {open(advoware.Config{Store: advoware.StoreMemory, Lazy: true}), false},
		"UseTiers":     {use(nil), true},
		"a memory":     {use(mem), true},
		"a wrapped":    {use(&watchedNear{Store: mem}), false},
		"a near Map":   {use(new(store.Map)), false},
		"lazy, tiered": {open(advoware.Config{Lazy: true}), false},
	} {
		stores, err := c.open()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := storehook.Of(stores).Slots; got != c.want {
			t.Errorf("%s: slots %v, want %v", name, got, c.want)
		}
		if err := stores.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
