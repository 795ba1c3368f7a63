package lease_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

const key = "key"

func newToken(t *testing.T, text string) store.Token {
	t.Helper()
	tok, err := store.NewToken(text, time.Time{}, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func acquire(t *testing.T, l lease.Lease, ask lease.Ask) lease.Turn {
	t.Helper()
	turn, err := l.Acquire(t.Context(), key, ask)
	if err != nil {
		t.Fatal(err)
	}
	set := 0
	for _, is := range []bool{!turn.Token.IsZero(), turn.Failure != nil, turn.Release != nil, turn.Holder != ""} {
		if is {
			set++
		}
	}
	if set != 1 || (turn.Wait != nil) != (turn.Holder != "") {
		t.Fatalf("%+v says %d things", turn, set)
	}
	return turn
}

func TestMapOneHasTheLeaseAndTheOthersWait(t *testing.T) {
	m := &lease.Map{Store: new(store.Map)}
	var holders atomic.Int32
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			turn, err := m.Acquire(context.Background(), key, lease.Ask{})
			if err != nil {
				t.Error(err)
			}
			if turn.Release != nil {
				holders.Add(1)
			}
		})
	}
	wg.Wait()
	if n := holders.Load(); n != 1 {
		t.Errorf("%d have it", n)
	}
}

func TestMapTokenThatStandsIsTheAnswer(t *testing.T) {
	shared := new(store.Map)
	m := &lease.Map{Store: shared}
	tok := newToken(t, "tok")
	if _, err := shared.CompareAndSwap(t.Context(), key, store.Token{}, tok); err != nil {
		t.Fatal(err)
	}
	if turn := acquire(t, m, lease.Ask{Force: true}); !turn.Token.Equal(tok) {
		t.Errorf("%+v", turn)
	}
	turn := acquire(t, m, lease.Ask{Old: tok})
	if turn.Release == nil {
		t.Fatalf("a token that will not do is the answer: %+v", turn)
	}
	turn.Drop()
	turn.Release(nil)
	if acquire(t, m, lease.Ask{Old: tok}).Release == nil {
		t.Error("not free after Drop")
	}
}

func TestMapWaiterWakesWhenTheHolderEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &lease.Map{Store: new(store.Map)}
		holder := acquire(t, m, lease.Ask{})
		waiter := acquire(t, m, lease.Ask{})
		began := time.Now()
		time.AfterFunc(time.Millisecond, func() { holder.Release(nil) })
		if err := waiter.Wait(t.Context()); err != nil || time.Since(began) != time.Millisecond {
			t.Errorf("woke after %v, %v", time.Since(began), err)
		}
		waiter = acquire(t, m, lease.Ask{Holder: waiter.Holder})
		if waiter.Release == nil {
			t.Errorf("%+v", waiter)
		}
		cause := errors.New("gone")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		if err := acquire(t, m, lease.Ask{}).Wait(ctx); !errors.Is(err, cause) {
			t.Errorf("Wait: %v", err)
		}
		acquire(t, m, lease.Ask{}).Drop() // must not hang
	})
}

func TestMapFailureIsToldToThoseWhoWaited(t *testing.T) {
	for name, refused := range map[string]bool{"outage": false, "refused": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &lease.Map{Store: new(store.Map)}
				holder := acquire(t, m, lease.Ask{})
				waiter := acquire(t, m, lease.Ask{})
				holder.Release(&lease.Failure{Refused: refused, Message: "why", Pause: time.Minute})
				time.Sleep(20 * time.Second)
				turn := acquire(t, m, lease.Ask{Holder: waiter.Holder})
				if f := turn.Failure; f == nil || f.Refused != refused || f.Message != "why" || f.Pause != 40*time.Second {
					t.Errorf("who waited is told %+v", turn)
				}
				if turn := acquire(t, m, lease.Ask{}); (turn.Failure != nil) != refused {
					t.Errorf("who did not wait is told %+v", turn)
				} else {
					turn.Drop()
				}
				if turn := acquire(t, m, lease.Ask{Holder: waiter.Holder, Force: true}); turn.Release == nil {
					t.Errorf("who insists is told %+v", turn)
				} else {
					turn.Drop()
				}
				time.Sleep(40 * time.Second)
				if turn := acquire(t, m, lease.Ask{Holder: waiter.Holder}); turn.Release == nil {
					t.Errorf("when it is over: %+v", turn)
				}
			})
		})
	}
}
