package token_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/leasemap"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// distant is a shared store, with a lease, that takes a while to answer, and heeds what a
// call may still wait; a write goes on without the call.
type distant struct {
	store.Map
	lease leasemap.Map
	trip  time.Duration
}

func newDistant(trip time.Duration) *distant {
	d := &distant{trip: trip}
	d.lease.Store = &d.Map
	return d
}

var errLate = errors.New("late")

func (d *distant) wait(ctx context.Context) error {
	left := farwait.Left(ctx, 5*time.Second)
	took := min(left, d.trip)
	time.Sleep(took)
	farwait.Spend(ctx, took)
	if left < d.trip {
		return errLate
	}
	return nil
}

func (d *distant) Get(ctx context.Context, key string) (store.Token, error) {
	if err := d.wait(ctx); err != nil {
		return store.Token{}, err
	}
	return d.Map.Get(ctx, key)
}

func (d *distant) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	standing, err := d.Map.CompareAndSwap(ctx, key, old, tok)
	if late := d.wait(ctx); late != nil {
		return store.Token{}, late
	}
	return standing, err
}

func (d *distant) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	return errors.Join(d.Map.CompareAndDelete(ctx, key, old), d.wait(ctx))
}

func (d *distant) Acquire(ctx context.Context, key string, ask lease.Ask) (lease.Outcome, error) {
	if err := d.wait(ctx); err != nil {
		return lease.Outcome{}, err
	}
	return d.lease.Acquire(ctx, key, ask)
}

// A call waits for a far store without a near one 250 ms in total, however many steps that
// are; it gets its token all the same as long as one look fits into that, and a token that
// is revoked is replaced by the next call at the latest.
func TestCallWaitsForAFarStoreInTotal(t *testing.T) {
	for _, trip := range []time.Duration{10 * time.Millisecond, 60 * time.Millisecond, 100 * time.Millisecond, 130 * time.Millisecond, 240 * time.Millisecond} {
		t.Run(trip.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				far := newDistant(trip)
				fetches := 0
				s, err := token.New(token.Config{
					Store: far, Far: true, Key: "k", Tiers: lease.Tiers{Lease: far}, Credentials: "c", OneShot: true,
					Fetch: func(context.Context) (store.Token, error) {
						fetches++
						return store.NewToken(time.Now().String()[11:19], time.Now(), time.Now().Add(50*time.Minute))
					},
				})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				look := func(what string) token.Found {
					t.Helper()
					began := time.Now()
					f, err := s.Lookup(t.Context(), 0)
					if err != nil {
						t.Fatalf("%s: %v", what, err)
					}
					if took := time.Since(began); took > 250*time.Millisecond || took != f.FarWait {
						t.Errorf("%s: waited %v, and counts %v", what, took, f.FarWait)
					}
					return f
				}
				look("cold")
				time.Sleep(time.Second)
				f := look("warm")
				if fetches != 1 || f.FarWait != trip {
					t.Errorf("%d fetches, the second call waited %v", fetches, f.FarWait)
				}
				for range 2 { // the second half of a call, with what the first one left
					ctx, _ := farwait.With(t.Context(), 250*time.Millisecond)
					farwait.Spend(ctx, f.FarWait)
					began := time.Now()
					_ = s.Reject(ctx, f.Token)
					_, _ = s.Lookup(ctx, 0)
					if took := time.Since(began); took > 250*time.Millisecond-trip {
						t.Errorf("after a 401: waited %v", took)
					}
					time.Sleep(time.Second)
				}
				if g := look("revoked"); g.Token.Equal(f.Token) {
					t.Error("the revoked token is still used")
				}
			})
		})
	}
}

// A far store that does not answer is an error, also where it is looked into for the first
// time in a flight.
func TestFarStoreThatHangsIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		far := newDistant(time.Hour)
		s, err := token.New(token.Config{Store: far, Far: true, Key: "k", Tiers: lease.Tiers{Lease: far}, OneShot: true, Fetch: func(context.Context) (store.Token, error) {
			t.Error("a token is fetched")
			return store.Token{}, errLate
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for name, call := range map[string]func() error{
			"Token":   func() error { _, err := s.Token(t.Context(), 0); return err },
			"Refresh": func() error { _, err := s.Refresh(t.Context()); return err },
		} {
			began := time.Now()
			if err := call(); !errors.Is(err, token.ErrStore) || time.Since(began) > 250*time.Millisecond {
				t.Errorf("%s: %v after %v", name, err, time.Since(began))
			}
		}
	})
}
