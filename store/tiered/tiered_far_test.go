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
	reads error // of every Get

	get, swap func() // what comes after the next one, while its answer is on its way

	ops, writes atomic.Int64
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
	f.mu.Lock()
	err := f.reads
	f.mu.Unlock()
	if err != nil {
		return store.Token{}, err
	}
	tok, err := f.Map.Get(ctx, key)
	f.then(&f.get)
	return tok, err
}

func (f *far) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	f.writes.Add(1)
	if err := f.before(); err != nil {
		return store.Token{}, err
	}
	tok, err := f.Map.CompareAndSwap(ctx, key, old, tok)
	f.then(&f.swap)
	return tok, err
}

// then does once what is to be done while the answer is on its way.
func (f *far) then(once *func()) {
	f.mu.Lock()
	do := *once
	*once = nil
	f.mu.Unlock()
	if do != nil {
		do()
	}
}

// afterGet does something once when far has been read, and the answer is on its way;
// afterSwap when it has been written.
func (f *far) afterGet(do func())  { f.mu.Lock(); defer f.mu.Unlock(); f.get = do }
func (f *far) afterSwap(do func()) { f.mu.Lock(); defer f.mu.Unlock(); f.swap = do }

// setReads makes just reads fail.
func (f *far) setReads(err error) { f.mu.Lock(); defer f.mu.Unlock(); f.reads = err }

func (f *far) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	if err := f.before(); err != nil {
		return err
	}
	return f.Map.CompareAndDelete(ctx, key, old)
}
