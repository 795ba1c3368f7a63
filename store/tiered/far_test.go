package tiered_test

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/store"
)

// far is a store.Map that can be down (every operation fails with err), slow, or
// hung (no operation ends, whatever its context says, until it is let go).
type far struct {
	store.Map
	mu    sync.Mutex
	err   error
	delay time.Duration
	hung  chan struct{}
	ops   atomic.Int64
}

func (f *far) set(err error, delay time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err, f.delay = err, delay
}

func (f *far) hang() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hung = make(chan struct{})
}

func (f *far) letGo() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.hung)
	f.hung = nil
}

func (f *far) before() error {
	f.ops.Add(1)
	f.mu.Lock()
	err, delay, hung := f.err, f.delay, f.hung
	f.mu.Unlock()
	if hung != nil {
		<-hung
	}
	time.Sleep(delay)
	return err
}

func (f *far) Get(ctx context.Context, key string) (store.Token, error) {
	if err := f.before(); err != nil {
		return store.Token{}, err
	}
	return f.Map.Get(ctx, key)
}

func (f *far) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if err := f.before(); err != nil {
		return store.Token{}, err
	}
	return f.Map.CompareAndSwap(ctx, key, old, tok)
}

func (f *far) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	if err := f.before(); err != nil {
		return err
	}
	return f.Map.CompareAndDelete(ctx, key, old)
}
