package tiered_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// hostile is a distant store whose Many changes what it returns.
type hostile struct {
	*distant
	restored func([]store.Restoring, []store.Restored) []store.Restored
}

func (h hostile) RestoreAll(ctx context.Context, tokens []store.Restoring) []store.Restored {
	return h.restored(tokens, h.distant.RestoreAll(ctx, tokens))
}

// pendingCrowd returns a rig that has a write of each key pending, at the end of an outage.
func pendingCrowd(t *testing.T, tenants int, restored func([]store.Restoring, []store.Restored) []store.Restored) (d *distant, r *rig, keys []string) {
	t.Helper()
	d = newDistant(time.Millisecond, time.Microsecond)
	r, keys = crowdOf(t, d, hostile{d, restored}, tenants)
	d.refuses.Store(true)
	old, tok := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
	for _, name := range keys {
		if stands, err := r.CompareAndSwap(t.Context(), name, old, tok); err != nil || !stands.Equal(tok) {
			t.Fatal(err)
		}
	}
	d.refuses.Store(false)
	return d, r, keys
}

// A Many that does not return a result for each key has made no write: it stays pending, and the
// token is not lost here.
func TestManyWithoutAResultForEachKey(t *testing.T) {
	for name, restored := range map[string]func([]store.Restoring, []store.Restored) []store.Restored{
		"none":         func([]store.Restoring, []store.Restored) []store.Restored { return nil },
		"one too few":  func(_ []store.Restoring, all []store.Restored) []store.Restored { return all[1:] },
		"one too many": func(_ []store.Restoring, all []store.Restored) []store.Restored { return append(all, store.Restored{}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const tenants = 10
				_, r, keys := pendingCrowd(t, tenants, restored)
				time.Sleep(2*tiered.DefaultBreakerTimeout + time.Second)
				if n := r.Stats().PendingWrites; n != tenants {
					t.Errorf("%d writes are pending, want %d: it is not known which were made", n, tenants)
				}
				for _, key := range keys {
					if tok, err := r.near.Get(t.Context(), key); err != nil || tok.Reveal() != "b" {
						t.Errorf("near has %q, %v", tok.Reveal(), err)
					}
				}
			})
		})
	}
}

// Keys that fail, as those of one server of a cluster that is down, do not hold up the writes of
// the others.
func TestKeysThatFailAmongMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tenants, bad = 10_000, 1000
		down := errors.New("connection refused")
		_, r, keys := pendingCrowd(t, tenants, func(tokens []store.Restoring, all []store.Restored) []store.Restored {
			for i := range all {
				if tokens[i].Key < fmt.Sprintf("%s_%05d", key, bad) {
					all[i] = store.Restored{Err: down}
				}
			}
			return all
		})
		time.Sleep(tiered.DefaultBreakerTimeout + soonBack)
		if n := r.Stats().PendingWrites; n != bad {
			t.Errorf("%d of %d writes are pending, want those of %d keys that fail", n, len(keys), bad)
		}
	})
}

// A deletion that fails does not hold up the writes of other keys, which are made together.
func TestDeletionThatFailsAmongMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tenants = 100
		d, r, keys := pendingCrowd(t, tenants, func(_ []store.Restoring, all []store.Restored) []store.Restored { return all })
		d.refusesDelete.Store(true)
		if err := r.CompareAndDelete(t.Context(), keys[0], newToken(t, "b", time.Hour)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * tiered.DefaultBreakerTimeout)
		if n := r.Stats().PendingWrites; n != 1 {
			t.Errorf("%d writes are pending, want the deletion alone", n)
		}
	})
}

// Far is told which token each write replaces, so that it need not be asked for that.
func TestManyWritesReplaceWhatWasThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		_, r, keys := pendingCrowd(t, 10, func(tokens []store.Restoring, all []store.Restored) []store.Restored {
			for _, a := range tokens {
				if asked++; a.Old.Reveal() != "a" || a.Token.Reveal() != "b" {
					t.Errorf("%s: %q instead of %q", a.Key, a.Token.Reveal(), a.Old.Reveal())
				}
			}
			return all
		})
		time.Sleep(tiered.DefaultBreakerTimeout + soonBack)
		if n := r.Stats().PendingWrites; n != 0 || asked != len(keys) {
			t.Errorf("%d writes are pending, %d were made", n, asked)
		}
	})
}
