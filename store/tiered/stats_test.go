package tiered_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
)

// FarSince is when far failed, or worked again, and zero before the first operation.
func TestStatsSinceWhenFarIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		check := func(what string, down bool, since time.Time) {
			t.Helper()
			synctest.Wait()
			if s := r.Stats(); s.FarDown != down || !s.FarSince.Equal(since) {
				t.Errorf("%s: down %v since %v, want %v since %v", what, s.FarDown, s.FarSince, down, since)
			}
		}
		check("at first", false, time.Time{})
		time.Sleep(time.Second)
		up := time.Now()
		holds(t, "both", r, "")
		check("up", false, up)
		time.Sleep(time.Second)
		r.far.set(errDown, 0)
		down := time.Now()
		swap(t, r, store.Token{}, newToken(t, "a", time.Hour))
		check("down", true, down)
		r.far.set(nil, 0)
		time.Sleep(10 * time.Second)
		check("up again", false, down.Add(5*time.Second+time.Millisecond))
	})
}
