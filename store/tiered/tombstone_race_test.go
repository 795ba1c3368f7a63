package tiered_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// Goroutines that work on keys of their own share what the store remembers of them, and the
// timer that forgets it.
func TestTombstonesOfManyKeysAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := new(perKey), new(perKey)
		s := over(t, near, far).(*tiered.Store)
		ctx := t.Context()
		fresh := func(text string) store.Token { return newToken(t, text, 90*time.Second) }
		var all sync.WaitGroup
		for i := range 16 {
			all.Go(func() {
				key := fmt.Sprintf("key-%d", i)
				var last store.Token
				for round := range 4 {
					old, tok := fresh(fmt.Sprintf("%s-%d-old", key, round)), fresh(fmt.Sprintf("%s-%d", key, round))
					for _, change := range []func() error{
						func() error { _, err := s.CompareAndSwap(ctx, key, last, old); return err },
						func() error { _, err := s.CompareAndSwap(ctx, key, old, tok); return err },
						func() error { _, err := far.CompareAndSwap(ctx, key, tok, old); return err }, // it comes back
						func() error { _, err := s.Reread(ctx, key); return err },
						func() error { return s.CompareAndDelete(ctx, key, tok) },
					} {
						if err := change(); err != nil {
							t.Errorf("%s, round %d: %v", key, round, err)
						}
					}
					if got, err := near.Get(ctx, key); err == nil {
						t.Errorf("%s, round %d: near has %v after its deletion", key, round, got)
					}
					last = store.Token{}
					time.Sleep(30 * time.Second) // the second time as long as the timer waits
				}
			})
		}
		all.Wait()
	})
}

// What is between two locks of the same operation is met by another one only if both run at the
// same time, so there are many. Without the lock the runtime ends the process now and then.
func TestManySwapsOfManyKeysAtOnce(t *testing.T) {
	s := over(t, new(perKey), new(perKey))
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			key := fmt.Sprintf("key-%d", i)
			var last store.Token
			toks := [2]store.Token{newToken(t, key+"-a", time.Hour), newToken(t, key+"-b", time.Hour)}
			for round := range 400 {
				tok := toks[round%2]
				if stands, err := s.CompareAndSwap(t.Context(), key, last, tok); err != nil || !stands.Equal(tok) {
					t.Errorf("%s: %v stands, %v", key, stands, err)
					return
				}
				last = tok
			}
		})
	}
	all.Wait()
}

// perKey is a store with a lock for each key, so that the users of different keys are not
// ordered by it.
type perKey struct{ keys [16]store.Map }

func (p *perKey) of(key string) *store.Map {
	var i int
	_, _ = fmt.Sscanf(key, "key-%d", &i)
	return &p.keys[i]
}

func (p *perKey) Get(ctx context.Context, key string) (store.Token, error) {
	return p.of(key).Get(ctx, key)
}

func (p *perKey) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	return p.of(key).CompareAndSwap(ctx, key, old, tok)
}

func (p *perKey) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	return p.of(key).CompareAndDelete(ctx, key, old)
}
