package tiered_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// The model in proof has found these: what happens between the steps of one process.

// tell tells of a change, and does not wait.
func (w *watch) tell(gap bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, changed := range w.follows {
		changed(gap)
	}
}

// While a look has far's newest token and not yet put it into near, a call puts an older one
// there.
func TestLookThatWasOvertakenIsMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour), newToken(t, "c", time.Hour)
		r, _ := inUse(t, a)
		swap(t, &r.far.Map, a, c)
		r.far.afterGet(func() { swap(t, r.near, a, b) })
		r.watch.push(false)
		holds(t, "near", r.near, "c")
	})
}

// Far has lost a new token before near has it, and another process has written the old one
// back: the look for that has found what near had.
func TestTokenThatFarLosesBeforeNearHasItIsWrittenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		r, _ := inUse(t, a)
		r.far.afterSwap(func() {
			swap(t, &r.far.Map, b, a)
			r.watch.tell(true)
			time.Sleep(time.Millisecond) // the look
		})
		swap(t, r, a, b)
		synctest.Wait()
		holds(t, "near", r.near, "b")
		holds(t, "far", &r.far.Map, "b")
	})
}

// The same where near was empty: what a gap has lost was not deleted.
func TestFirstTokenThatFarLosesIsWrittenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a := newToken(t, "a", time.Hour)
		defer r.Follow(key, nil)()
		synctest.Wait()
		r.far.afterSwap(func() {
			_ = r.far.Map.CompareAndDelete(t.Context(), key, a)
			r.watch.tell(true)
			time.Sleep(time.Millisecond)
		})
		swap(t, r, store.Token{}, a)
		synctest.Wait()
		holds(t, "near", r.near, "a")
		holds(t, "far", &r.far.Map, "a")
	})
}

// A look for a push finds nothing, and everything was emptied since the push.
func TestGapDuringALookIsNoDeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		r, _ := inUse(t, a)
		_ = r.far.Map.CompareAndDelete(t.Context(), key, a)
		r.far.afterGet(func() { r.watch.tell(true) })
		r.watch.push(false)
		holds(t, "near", r.near, "a")
		holds(t, "far", &r.far.Map, "a")
	})
}

// The push that everything was emptied comes a moment after the answer of a look that a push from
// before it has caused.
func TestGapJustAfterALookIsNoDeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		r, _ := inUse(t, a)
		_ = r.far.Map.CompareAndDelete(t.Context(), key, a)
		r.watch.tell(false)
		time.Sleep(10 * time.Millisecond)
		r.watch.tell(true)
		time.Sleep(time.Second)
		holds(t, "near", r.near, "a")
		holds(t, "far", &r.far.Map, "a")
	})
}

// hooked is a near store that calls a function in Get, once.
type hooked struct {
	store.Map
	hook atomic.Pointer[func()]
}

func (h *hooked) Get(ctx context.Context, key string) (store.Token, error) {
	if f := h.hook.Swap(nil); f != nil {
		(*f)()
	}
	return h.Map.Get(ctx, key)
}

// Everything is lost just when a look begins, for which a write of this process was the cause: the
// token was not deleted.
func TestLossWhileALookBeginsIsNoDeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		near, far, w := new(hooked), new(far), new(watch)
		s, err := tiered.New(tiered.Config{Near: near, Far: far, Watch: w})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		swap(t, s, store.Token{}, a)
		defer s.Follow(key, nil)()
		synctest.Wait()
		lose := func() {
			_ = far.Map.CompareAndDelete(t.Context(), key, a)
			w.tell(true)
		}
		near.hook.Store(&lose)
		w.tell(false)
		synctest.Wait()
		holds(t, "near", &near.Map, "a")
		holds(t, "far", &far.Map, "a")
	})
}
