package tiered_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
)

func reread(t *testing.T, r *rig, want string) {
	t.Helper()
	tok, err := r.Reread(t.Context(), key)
	if err != nil || tok.Reveal() != want {
		t.Errorf("Reread = %q, %v; want %q", tok.Reveal(), err, want)
	}
}

func TestRereadTakesWhatOthersWrote(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		swap(t, r, store.Token{}, a)
		swap(t, r.far, a, b)
		holds(t, "tiered", r, "a")
		reread(t, r, "b")
		holds(t, "near", r.near, "b")
	})
}

func TestRereadKeepsNearsTokenWhenFarHasNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a := newToken(t, "a", time.Hour)
		swap(t, r, store.Token{}, a)
		_ = r.far.CompareAndDelete(t.Context(), key, a)
		reread(t, r, "a")
		r.far.set(errDown, 0)
		reread(t, r, "a")
	})
}

func TestRereadDoesNotGoBackToWhatAnOutageLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		swap(t, r, store.Token{}, a)
		r.far.set(errDown, 0)
		swap(t, r, a, b)
		r.far.set(nil, 0) // back, with a, and not told of b yet
		time.Sleep(5 * time.Second)
		reread(t, r, "b")
		time.Sleep(time.Minute)
		holds(t, "far", &r.far.Map, "b")
	})
}
