package redis_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// One process has leases of many keys at a time, which are taken, ended by a write, and given back
// side by side, also while it is closed. The race detector watches.
func TestLeasesOfManyKeysAtOnce(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	p := newProcess(t, srv, redisstore.LeaseConfig{})
	var all sync.WaitGroup
	for i := range 8 {
		key := fmt.Sprint("key-", i)
		all.Go(func() {
			for round := range 10 {
				outcome, err := p.Acquire(t.Context(), key, lease.Ask{Force: true})
				if err != nil || outcome.Release == nil {
					t.Errorf("%s, round %d: %+v, %v", key, round, outcome, err)
					return
				}
				if round%2 == 0 { // its write ends the lease
					tok := token(t, fmt.Sprint("token-", round), longest)
					if _, err := p.CompareAndSwap(t.Context(), key, store.Token{}, tok); err != nil {
						t.Error(err)
					}
					if err := p.CompareAndDelete(t.Context(), key, tok); err != nil {
						t.Error(err)
					}
				}
				outcome.Release(nil)
				until(t, "given back", func() bool { return srv.Do("EXISTS", "{"+key+"}:lock") == int64(0) })
			}
		})
	}
	all.Wait()
	var late sync.WaitGroup
	for i := range 8 {
		late.Go(func() {
			outcome, err := p.Acquire(t.Context(), fmt.Sprint("late-", i), lease.Ask{})
			if err == nil {
				outcome.Drop()
			} else if !strings.Contains(err.Error(), "has been closed") {
				t.Error(err)
			}
		})
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	late.Wait()
	_ = p.Close()
	if keys := fmt.Sprint(srv.Do("KEYS", "*:lock")); keys != "[]" {
		t.Errorf("%s are left", keys)
	}
}

// A Store is closed while calls begin writes that may outlast them: each is made, or refused.
func TestCloseWhileWritesBegin(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{})
	var writes sync.WaitGroup
	for i := range 8 {
		writes.Go(func() {
			for n := range 10 {
				ctx, _ := farwait.With(t.Context(), 30*time.Second)
				tok := token(t, fmt.Sprint("token-", n), longest)
				stands, err := s.CompareAndSwap(ctx, fmt.Sprint("key-", i, "-", n), store.Token{}, tok)
				if err != nil && !strings.Contains(err.Error(), "has been closed") || err == nil && !stands.Equal(tok) {
					t.Errorf("%v, %v", stands, err)
				}
			}
		})
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	writes.Wait()
	if _, err := s.Get(t.Context(), "none"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a look into a closed Store: %v", err)
	}
}
