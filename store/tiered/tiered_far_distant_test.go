package tiered_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
)

func TestDistantFarIsNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		r.far.set(nil, 200*time.Millisecond)
		ctx, _ := farwait.With(t.Context(), 250*time.Millisecond)
		_, _ = r.Get(ctx, key)
		if _, err := r.CompareAndSwap(ctx, key, store.Token{}, newToken(t, "a", time.Hour)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if n := r.warnings(); n != 0 {
			t.Errorf("%d warnings: 50 ms were left for a write that took 200 ms, and did succeed", n)
		}
		holds(t, "far", &r.far.Map, "a")
	})
}

func TestCallWithNoAllowanceLeftDoesNotWaitForFar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		r.far.set(nil, 100*time.Millisecond)
		ctx, _ := farwait.With(t.Context(), 0)
		d := took(func() {
			_, _ = r.Get(ctx, key)
			synctest.Wait()
			if n := r.far.ops.Load(); n != 0 {
				t.Errorf("far was read %d times for a call that cannot wait for it", n)
			}
			if _, err := r.CompareAndSwap(ctx, key, store.Token{}, newToken(t, "a", time.Hour)); err != nil {
				t.Error(err)
			}
		})
		if d != 0 {
			t.Errorf("the call waited %v", d)
		}
		time.Sleep(time.Second)
		holds(t, "far", &r.far.Map, "a")
		if r.warnings() != 0 || r.Stats().FarErrors != 0 {
			t.Errorf("taken for an outage:\n%s", r.log)
		}
	})
}

// A deadline that strikes together with the end of the patience, as that of a Source
// does, must not hide that far is hung: the next call would wait again.
func TestDeadlineDoesNotHideAHungFar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		r.far.hang()
		defer r.far.letGo()
		ctx, cancel := context.WithTimeout(t.Context(), 240*time.Millisecond)
		defer cancel()
		if _, err := r.Get(ctx, key); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Get: %v", err)
		}
		if d := took(func() { holds(t, "tiered", r, "") }); d != 0 {
			t.Errorf("the next call waited %v", d)
		}
	})
}
