package benchmarks

import (
	"context"
	"sync"
	"testing"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/memory"
	"github.com/advoware-go/advoware/store/tiered"
)

// keyedSources is the library as a process uses it that serves many: a token.Source for
// each identity, all over one tiered store. A hit finds the Source of the identity, and
// goes through Source.Token. It does: one fetch for all callers of an identity, which
// outlives them, renewal in the background, remember a failure.
//
// The far tier keeps nothing, so that what the near one evicts is gone, as it is with
// the others. The first token of an identity is put into the near one by hand, as if
// another process had made the request: through a Source 100,000 of them take 4 s.
func keyedSources(tb testing.TB, gw *gateway, capacity int) keyedGetter {
	near := must(memory.New(memory.Config{Capacity: capacity}))
	both := must(tiered.New(tiered.Config{Near: near, Far: forgetful{}, Logger: quiet()}))
	tb.Cleanup(func() { _, _ = both.Close(), near.Close() })
	var sources sync.Map
	var opening sync.Mutex
	log := quiet()
	open := func(ctx context.Context, key string) (*token.Source, error) {
		opening.Lock()
		defer opening.Unlock()
		if s, ok := sources.Load(key); ok {
			return s.(*token.Source), nil
		}
		tok, err := gw.fetch(ctx)
		if err == nil {
			_, err = near.CompareAndSwap(ctx, key, store.Token{}, tok)
		}
		if err != nil {
			return nil, err
		}
		s, err := token.New(token.Config{Store: both, Tiers: lease.Tiers{Near: near, Slot: near.Slot}, Key: key, Fetch: gw.fetch, Logger: log})
		sources.Store(key, s)
		return s, err
	}
	tb.Cleanup(func() {
		sources.Range(func(_, s any) bool { s.(*token.Source).Close(); return true })
	})
	return func(ctx context.Context, key string) (string, error) {
		var source *token.Source
		if s, ok := sources.Load(key); ok {
			source = s.(*token.Source)
		} else if s, err := open(ctx, key); err == nil {
			source = s
		} else {
			return "", err
		}
		tok, err := source.Token(ctx, 0)
		return tok.Reveal(), err
	}
}

// forgetful is a far tier that takes every token and has none.
type forgetful struct{ store.Store }

func (forgetful) Get(context.Context, string) (store.Token, error) {
	return store.Token{}, store.ErrNotFound
}

func (forgetful) CompareAndSwap(_ context.Context, _ string, _, tok store.Token) (store.Token, error) {
	return tok, nil
}
