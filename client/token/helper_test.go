package token_test

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// faulty is a store.Map that fails as told.
type faulty struct {
	store.Map
	getErr, casErr, cadErr error
	delay                  time.Duration
	panics                 bool
	gets                   atomic.Int64
}

func (f *faulty) Get(ctx context.Context, key string) (store.Token, error) {
	f.gets.Add(1)
	time.Sleep(f.delay)
	if f.panics {
		panic("store broken")
	}
	if f.getErr != nil {
		return store.Token{}, f.getErr
	}
	return f.Map.Get(ctx, key)
}

func (f *faulty) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if f.casErr != nil {
		return store.Token{}, f.casErr
	}
	return f.Map.CompareAndSwap(ctx, key, old, tok)
}

func (f *faulty) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	if f.cadErr != nil {
		return f.cadErr
	}
	return f.Map.CompareAndDelete(ctx, key, old)
}

// classified is a token.Errors that knows no sentinel.
type classified func(error) (bool, time.Duration)

func (c classified) Classify(err error) lease.Failure {
	refused, pause := c(err)
	return lease.Failure{Refused: refused, Pause: pause}
}
func (c classified) Sentinel(lease.Failure) error { return nil }

// known is one that knows what refusals match.
type known struct {
	classified
	refusal error
}

func (k known) Sentinel(f lease.Failure) error { return map[bool]error{true: k.refusal}[f.Refused] }

func contains(err error, text string) bool { return strings.Contains(err.Error(), text) }

// pair is two maps that write through: the least that a tiered store is.
type pair struct{ near, far *store.Map }

func (p *pair) Get(ctx context.Context, key string) (store.Token, error) {
	if tok, err := p.near.Get(ctx, key); err == nil {
		return tok, nil
	}
	tok, err := p.far.Get(ctx, key)
	if err != nil {
		return tok, err
	}
	return p.near.CompareAndSwap(ctx, key, store.Token{}, tok)
}

func (p *pair) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	standing, err := p.far.CompareAndSwap(ctx, key, old, tok)
	if err != nil {
		return standing, err
	}
	_ = p.near.CompareAndDelete(ctx, key, old)
	return p.near.CompareAndSwap(ctx, key, old, standing)
}

func (p *pair) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	_ = p.near.CompareAndDelete(ctx, key, old)
	return p.far.CompareAndDelete(ctx, key, old)
}
