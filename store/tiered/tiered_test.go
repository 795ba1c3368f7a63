package tiered_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

const key = "k"

var errDown = errors.New("connection refused")

func TestNearAnswersWithoutFar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		swap(t, r, store.Token{}, newToken(t, "a", time.Hour))
		before := r.far.ops.Load()
		for range 100 {
			holds(t, "tiered", r, "a")
		}
		if n := r.far.ops.Load() - before; n != 0 {
			t.Errorf("100 hits asked far %d times", n)
		}
	})
}

func TestRestartFindsTheTokenInFar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		swap(t, r.far, store.Token{}, newToken(t, "theirs", time.Hour))
		holds(t, "tiered", r, "theirs")
		holds(t, "near", r.near, "theirs")
		if standing := swap(t, r, store.Token{}, newToken(t, "mine", time.Hour)); standing.Reveal() != "theirs" {
			t.Errorf("%q stands", standing.Reveal())
		}
	})
}

func TestFarDecidesAndNearFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a, b, c := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour), newToken(t, "c", time.Hour)
		swap(t, r, store.Token{}, a)
		swap(t, r.far, a, b) // another process
		if standing := swap(t, r, a, c); !standing.Equal(b) {
			t.Errorf("%q stands, want b", standing.Reveal())
		}
		holds(t, "near", r.near, "b")
		holds(t, "far", &r.far.Map, "b")
	})
}

func TestOutage(t *testing.T) {
	for _, c := range []struct {
		name  string
		fail  func(*far)
		heal  func(*far)
		price time.Duration // of the first call that meets it
	}{
		{"refused", func(f *far) { f.set(errDown, 0) }, func(f *far) { f.set(nil, 0) }, 0},
		{"hung", (*far).hang, (*far).letGo, 250 * time.Millisecond},
		{"slow", func(f *far) { f.set(nil, 4*time.Second) }, func(f *far) { f.set(nil, 0) }, 250 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := build(t)
				c.fail(r.far)
				var tok store.Token
				if d := took(func() { holds(t, "tiered", r, "") }); d != c.price {
					t.Errorf("the first miss took %v, want %v", d, c.price)
				}
				if d := took(func() { tok = swap(t, r, store.Token{}, newToken(t, "a", time.Hour)) }); d != 0 {
					t.Errorf("writing during the outage took %v", d)
				}
				if d := took(func() { holds(t, "tiered", r, "a") }); d != 0 || tok.Reveal() != "a" {
					t.Errorf("a hit during the outage took %v", d)
				}
				if n := r.warnings(); n != 1 {
					t.Errorf("%d warnings:\n%s", n, r.log)
				}
				time.Sleep(17 * time.Second) // three more timeouts of the breaker
				if n := r.warnings(); n != 1 {
					t.Errorf("%d warnings in one outage:\n%s", n, r.log)
				}
				c.heal(r.far)
				time.Sleep(11 * time.Second)
				holds(t, "far", &r.far.Map, "a")
				if n := r.Stats().PendingWrites; n != 0 {
					t.Errorf("%d pending writes left", n)
				}
				c.fail(r.far)
				_, _ = r.Get(t.Context(), "another key")
				if n := r.warnings(); n != 2 {
					t.Errorf("%d warnings after a second outage:\n%s", n, r.log)
				}
				c.heal(r.far)
			})
		})
	}
}

func TestOneCallABreakerTimeoutWaitsForAHungFar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		r.far.hang()
		var waited int
		for range 200 { // 20 s
			if d := took(func() { holds(t, "tiered", r, "") }); d > 0 {
				waited++
			}
			time.Sleep(100 * time.Millisecond)
		}
		if waited < 2 || waited > 5 {
			t.Errorf("%d of 200 calls over 20 s waited, want one for each timeout of the breaker", waited)
		}
		r.far.letGo()
	})
}

func TestStepsOfOneCallShareTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		r.far.set(nil, 200*time.Millisecond) // each step alone would be in time
		ctx, _ := farwait.With(t.Context(), 250*time.Millisecond)
		d := took(func() {
			_, _ = r.Get(ctx, key)
			if _, err := r.CompareAndSwap(ctx, key, store.Token{}, newToken(t, "a", time.Hour)); err != nil {
				t.Error(err)
			}
			_ = r.CompareAndDelete(ctx, "another key", newToken(t, "b", time.Hour))
		})
		if d > 250*time.Millisecond {
			t.Errorf("the call waited %v", d)
		}
		holds(t, "near", r.near, "a")
		time.Sleep(time.Second)
		holds(t, "far", &r.far.Map, "a") // it went on in the background
	})
}

func TestLateAnswerOfAFasterProcessIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		swap(t, r.far, store.Token{}, newToken(t, "theirs", time.Hour))
		r.far.set(nil, time.Second)
		if standing := swap(t, r, store.Token{}, newToken(t, "mine", time.Hour)); standing.Reveal() != "mine" {
			t.Errorf("%q stands, want ours as long as far is silent", standing.Reveal())
		}
		time.Sleep(2 * time.Second)
		holds(t, "near", r.near, "theirs")
		holds(t, "far", &r.far.Map, "theirs")
	})
}

func TestDeleteIsExactInBothTiers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		swap(t, r, store.Token{}, a)
		swap(t, r, a, b)
		if err := r.CompareAndDelete(t.Context(), key, a); err != nil { // late
			t.Fatal(err)
		}
		holds(t, "near", r.near, "b")
		holds(t, "far", &r.far.Map, "b")
		if err := r.CompareAndDelete(t.Context(), key, b); err != nil {
			t.Fatal(err)
		}
		holds(t, "near", r.near, "")
		holds(t, "far", &r.far.Map, "")
	})
}

func TestDeletedTokenDoesNotComeBackFromFar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a := newToken(t, "a", time.Hour)
		swap(t, r, store.Token{}, a)
		r.far.set(errDown, 0)
		if err := r.CompareAndDelete(t.Context(), key, a); err != nil {
			t.Fatal(err)
		}
		holds(t, "tiered", r, "")
		r.far.set(nil, 0)
		holds(t, "tiered", r, "")
		time.Sleep(5*time.Second + 10*time.Millisecond)
		holds(t, "far", &r.far.Map, "") // deleted there, once it was back
		swap(t, r.far, store.Token{}, a)
		holds(t, "tiered", r, "") // not even if a slower process writes it back
		b := newToken(t, "b", time.Hour)
		if standing := swap(t, r, store.Token{}, b); !standing.Equal(b) {
			t.Errorf("%q stands, want b in place of the deleted token", standing.Reveal())
		}
		holds(t, "far", &r.far.Map, "b")
		if err := r.CompareAndDelete(t.Context(), key, b); err != nil {
			t.Fatal(err)
		}
		swap(t, r, store.Token{}, a) // on purpose
		holds(t, "tiered", r, "a")
	})
}

func TestReplacedDuringAnOutageIsReplacedInFar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		swap(t, r, store.Token{}, a)
		r.far.set(errDown, 0)
		_ = r.CompareAndDelete(t.Context(), key, a)
		swap(t, r, store.Token{}, b)
		r.far.set(nil, 0)
		time.Sleep(11 * time.Second)
		holds(t, "far", &r.far.Map, "b")
		holds(t, "near", r.near, "b")
	})
}

func TestPendingWriteOfATokenThatEndedIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		r.far.set(errDown, 0)
		swap(t, r, store.Token{}, newToken(t, "a", 2*time.Second))
		time.Sleep(11 * time.Second)
		if n := r.Stats().PendingWrites; n != 0 {
			t.Errorf("%d pending writes", n)
		}
	})
}

func TestIdentityConflictIsNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		r.far.set(store.ErrIdentity, 0)
		if _, err := r.Get(t.Context(), key); !errors.Is(err, store.ErrIdentity) {
			t.Errorf("Get: %v", err)
		}
		if _, err := r.CompareAndSwap(t.Context(), key, store.Token{}, newToken(t, "a", time.Hour)); !errors.Is(err, store.ErrIdentity) {
			t.Errorf("CompareAndSwap: %v", err)
		}
		holds(t, "near", r.near, "")
		if r.warnings() != 0 || r.Stats().FarErrors != 0 {
			t.Errorf("taken for an outage:\n%s", r.log)
		}
	})
}

func TestCallerWhoLeavesSaysNothingAboutFar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		r.far.set(nil, 100*time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if _, err := r.Get(ctx, key); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Get: %v", err)
		}
		time.Sleep(time.Second)
		if r.Stats().FarErrors != 0 || r.warnings() != 0 {
			t.Errorf("counted as a failure:\n%s", r.log)
		}
	})
}

func TestPanicOfFarIsAFailureOfFar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near := new(store.Map)
		s, _ := tiered.New(tiered.Config{Near: near, Far: panicking{}, Logger: slog.New(slog.DiscardHandler)})
		defer s.Close()
		swap(t, s, store.Token{}, newToken(t, "a", time.Hour))
		holds(t, "tiered", s, "a")
		if s.Stats().FarErrors == 0 {
			t.Error("not counted")
		}
	})
}

func TestCloseWaitsForAWriteUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		r.far.set(nil, 3*time.Second)
		swap(t, r, store.Token{}, newToken(t, "a", time.Hour))
		if d := took(func() { r.Close() }); d < 2*time.Second || d > 5*time.Second {
			t.Errorf("Close took %v", d)
		}
		holds(t, "far", &r.far.Map, "a")
		holds(t, "near", r.near, "a")
		r.Close()
		swap(t, r, store.Token{}, newToken(t, "b", time.Hour)) // does no harm
	})
}

func TestCloseGivesUpOnAHungFar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		r.far.hang()
		swap(t, r, store.Token{}, newToken(t, "a", time.Hour))
		if d := took(func() { r.Close() }); d > 5*time.Second {
			t.Errorf("Close took %v", d)
		}
		r.far.letGo()
	})
}

func TestNewNamesEveryProblem(t *testing.T) {
	_, err := tiered.New(tiered.Config{BreakerTimeout: -1})
	if err == nil || !strings.Contains(err.Error(), "Near and Far") || !strings.Contains(err.Error(), "BreakerTimeout") {
		t.Errorf("got %v", err)
	}
}

type panicking struct{ store.Store }
