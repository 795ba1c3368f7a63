package tiered_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// distant is a far store that is a round trip away, handles one key after the other, and has a
// client that waits 250 ms for the reply to all that it sends at a time.
type distant struct {
	trip, each time.Duration

	tokens  atomic.Pointer[store.Map]
	refuses atomic.Bool // it answers nothing

	refusesDelete atomic.Bool // it fails at deletions

	mu      sync.Mutex
	free    time.Time // when it has done what it was sent so far
	under   int       // exchanges under way
	most    int       // of them, at a time
	written time.Time // when it took the last token
	puts    int       // tokens that it took
}

func newDistant(trip, each time.Duration) *distant {
	d := &distant{trip: trip, each: each}
	d.tokens.Store(new(store.Map))
	return d
}

// exchange lets do handle n keys, when it is their turn.
func (d *distant) exchange(n int, do func(*store.Map)) error {
	const patience = 250 * time.Millisecond
	d.mu.Lock()
	now := time.Now()
	if arrives := now.Add(d.trip / 2); d.free.Before(arrives) {
		d.free = arrives
	}
	if !d.refuses.Load() {
		d.free = d.free.Add(time.Duration(n) * d.each)
	}
	done := d.free.Sub(now)
	d.under++
	d.most = max(d.most, d.under)
	d.mu.Unlock()
	defer func() { d.mu.Lock(); d.under--; d.mu.Unlock() }()
	if d.refuses.Load() || done+d.trip/2 > patience {
		time.Sleep(patience)
		return context.DeadlineExceeded
	}
	time.Sleep(done)
	do(d.tokens.Load())
	time.Sleep(d.trip / 2)
	return nil
}

func (d *distant) took(key string, tokens *store.Map, old, tok store.Token) (store.Token, error) {
	stands, err := tokens.CompareAndSwap(context.Background(), key, old, tok)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.puts++
	d.written = time.Now()
	return stands, err
}

func (d *distant) Get(_ context.Context, key string) (tok store.Token, err error) {
	if failed := d.exchange(1, func(m *store.Map) { tok, err = m.Get(context.Background(), key) }); failed != nil {
		return store.Token{}, failed
	}
	return tok, err
}

func (d *distant) CompareAndSwap(_ context.Context, key string, old, tok store.Token) (stands store.Token, err error) {
	if failed := d.exchange(1, func(m *store.Map) { stands, err = d.took(key, m, old, tok) }); failed != nil {
		return store.Token{}, failed
	}
	return stands, err
}

func (d *distant) CompareAndDelete(_ context.Context, key string, old store.Token) (err error) {
	if d.refusesDelete.Load() {
		return errors.New("connection refused")
	}
	if failed := d.exchange(1, func(m *store.Map) { err = m.CompareAndDelete(context.Background(), key, old) }); failed != nil {
		return failed
	}
	return err
}

func (d *distant) LookAll(_ context.Context, looks []store.Looking) []store.Looked {
	results := make([]store.Looked, len(looks))
	failed := d.exchange(len(looks), func(m *store.Map) {
		for i, l := range looks {
			results[i].Token, results[i].Err = m.Get(context.Background(), l.Key)
		}
	})
	for i := range results {
		if results[i].Now = store.UnknownLosses; failed != nil {
			results[i].Err = failed
		}
	}
	return results
}

func (d *distant) RestoreAll(_ context.Context, tokens []store.Restoring) []store.Restored {
	results := make([]store.Restored, len(tokens))
	failed := d.exchange(len(tokens), func(m *store.Map) {
		for i, r := range tokens {
			results[i].Token, results[i].Err = d.took(r.Key, m, r.Old, r.Token)
		}
	})
	for i := range results {
		if failed != nil {
			results[i].Err = failed
		}
	}
	return results
}

// since returns how long after began it took the last token, and how many it took.
func (d *distant) since(began time.Time) (time.Duration, int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.written.Sub(began), d.puts
}

// soonBack is how long it may take until all tokens are back.
const soonBack = 2 * time.Second

// crowd returns a rig with a far store that is distant, and a token of each key in near.
func crowd(t *testing.T, d *distant, tenants int) (r *rig, keys []string) {
	t.Helper()
	return crowdOf(t, d, d, tenants)
}

// crowdOf is crowd for another Many.
func crowdOf(t *testing.T, d *distant, many store.Many, tenants int) (r *rig, keys []string) {
	t.Helper()
	r = &rig{near: new(store.Map), log: new(logged)}
	s, err := tiered.New(tiered.Config{Near: r.near, Far: d, Many: many, Watch: &r.watch, Logger: slog.New(slog.NewTextHandler(r.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	r.Store = s
	t.Cleanup(func() { s.Close() })
	tok := newToken(t, "a", time.Hour)
	for i := range tenants {
		keys = append(keys, fmt.Sprintf("%s_%05d", key, i))
		if _, err := r.near.CompareAndSwap(t.Context(), keys[i], store.Token{}, tok); err != nil {
			t.Fatal(err)
		}
	}
	return r, keys
}

// All tokens of a process that serves thousands of tenants are soon back in a far store that
// was emptied, although it is far away, over no more than half of the connections.
func TestManyTokensAreSoonBackInADistantStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tenants = 20_000
		d := newDistant(50*time.Millisecond, 25*time.Microsecond)
		r, keys := crowd(t, d, tenants)
		began := time.Now()
		for _, name := range keys {
			t.Cleanup(r.Follow(name, nil))
		}
		for round, event := range []string{"start", "flush"} {
			if event == "flush" {
				began = time.Now()
				d.tokens.Store(new(store.Map))
				r.watch.push(true)
			}
			time.Sleep(soonBack)
			if took, n := d.since(began); n != (round+1)*tenants {
				t.Errorf("%s: %d tokens are back after %v; want %d within %v", event, n-round*tenants, took, tenants, soonBack)
			}
			time.Sleep(10 * time.Second) // for those that are not
		}
		if d.most > 4 {
			t.Errorf("%d exchanges at a time", d.most)
		}
		if n := r.warnings(); n != 0 {
			t.Errorf("%d warnings of a store that answers:\n%s", n, r.log)
		}
	})
}

// A store that is as slow for each key as it is far away is asked for less at a time, and not
// taken for one that is down.
func TestSlowDistantStoreIsAskedForLess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tenants = 5000
		d := newDistant(50*time.Millisecond, 300*time.Microsecond)
		r, keys := crowd(t, d, tenants)
		for _, name := range keys {
			t.Cleanup(r.Follow(name, nil))
		}
		time.Sleep(time.Minute)
		if _, n := d.since(time.Now()); n != tenants {
			t.Errorf("%d tokens are back, want %d", n, tenants)
		}
		if n := r.warnings(); n != 0 {
			t.Errorf("%d warnings of a store that answers:\n%s", n, r.log)
		}
	})
}

// What thousands of keys have pending at the end of an outage is soon written.
func TestManyPendingWritesAreSoonMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tenants = 10_000
		d := newDistant(50*time.Millisecond, 25*time.Microsecond)
		r, keys := crowd(t, d, tenants)
		d.refuses.Store(true)
		old, tok := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		for _, name := range keys {
			if stands, err := r.CompareAndSwap(t.Context(), name, old, tok); err != nil || !stands.Equal(tok) {
				t.Fatal(err)
			}
		}
		if n := r.Stats().PendingWrites; n != tenants {
			t.Fatalf("%d pending writes", n)
		}
		d.refuses.Store(false)
		time.Sleep(tiered.DefaultBreakerTimeout)
		began := time.Now()
		time.Sleep(soonBack)
		if n := r.Stats().PendingWrites; n != 0 {
			took, puts := d.since(began)
			t.Errorf("%d writes are pending after %v; %d were made, the last one %v after the outage", n, soonBack, puts, took)
		}
	})
}
