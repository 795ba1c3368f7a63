package tiered_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// Calls, other processes, pushes and failures of far meet in any way. Each call has a token of its key
// or none, and when all is quiet near has what far has, and nothing is pending.
func TestAllAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lasts = 3 * time.Second
		r := build(t)
		ctx, began := t.Context(), time.Now()
		names := []string{"k1", "k2", "k3"}
		fresh := func(name string, n int) store.Token {
			tok, err := store.NewToken(fmt.Sprint(name, "-", n), time.Now(), time.Now().Add(2*time.Hour))
			if err != nil {
				t.Error(err)
			}
			return tok
		}
		check := func(name string, tok store.Token) {
			if !tok.IsZero() && !strings.HasPrefix(tok.Reveal(), name+"-") {
				t.Errorf("%q is a token of %s", tok.Reveal(), name)
			}
		}
		there := func(s store.Store, name string) store.Token {
			tok, _ := s.Get(context.Background(), name)
			check(name, tok)
			return tok
		}
		failures := []error{nil, nil, nil, nil, errDown, fmt.Errorf("full: %w", store.ErrBusy), fmt.Errorf("READONLY: %w", store.ErrRefused)}
		var all sync.WaitGroup
		for worker, do := range []func(random *rand.Rand, name string, n int){
			func(_ *rand.Rand, name string, n int) {
				tok, _ := r.CompareAndSwap(ctx, name, there(r, name), fresh(name, n))
				check(name, tok)
			},
			func(_ *rand.Rand, name string, _ int) {
				if err := r.CompareAndDelete(ctx, name, there(r, name)); err != nil {
					t.Error(err)
				}
			},
			func(_ *rand.Rand, name string, n int) { // another process
				_, _ = r.far.Map.CompareAndSwap(ctx, name, there(&r.far.Map, name), fresh(name, n))
				r.watch.tell(false)
			},
			func(random *rand.Rand, name string, _ int) { // a deletion, or a loss
				_ = r.far.Map.CompareAndDelete(ctx, name, there(&r.far.Map, name))
				r.watch.tell(random.IntN(2) == 0)
			},
			func(random *rand.Rand, name string, _ int) {
				tok, _ := r.Reread(ctx, name)
				check(name, tok)
				outcome, _ := r.Acquire(ctx, name, lease.Ask{Old: tok})
				check(name, outcome.Token)
				outcome.Drop()
			},
			func(random *rand.Rand, name string, _ int) {
				stop := r.Follow(name, func(tok store.Token) { check(name, tok) })
				time.Sleep(time.Duration(random.IntN(50)) * time.Millisecond)
				stop()
			},
			func(_ *rand.Rand, name string, _ int) {
				r.Stats()
				r.Pending(name)
				r.Tiers().Deleted(name, there(r.near, name))
				r.watch.link.Add(1)
			},
			func(random *rand.Rand, _ string, _ int) {
				r.far.set(failures[random.IntN(len(failures))], time.Duration(random.IntN(3))*time.Millisecond)
				time.Sleep(200 * time.Millisecond)
			},
		} {
			for twice := range 2 {
				all.Go(func() {
					random := rand.New(rand.NewPCG(uint64(worker), uint64(twice)))
					for n := 0; time.Since(began) < lasts; n++ {
						do(random, names[random.IntN(len(names))], 1_000_000*worker+2*n+twice)
						time.Sleep(time.Duration(random.IntN(10)) * time.Millisecond) // so that many go on at the same time
					}
				})
			}
		}
		all.Wait()
		r.far.set(nil, 0)
		for _, name := range names {
			defer r.Follow(name, nil)()
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if n := r.Stats().PendingWrites; n != 0 {
			t.Errorf("%d pending writes", n)
		}
		for _, name := range names {
			if near, far := there(r.near, name), there(&r.far.Map, name); !near.IsZero() && !near.Equal(far) {
				t.Errorf("%s: near has %q, far %q", name, near.Reveal(), far.Reveal())
			}
		}
	})
}
