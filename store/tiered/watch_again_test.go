package tiered_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
)

// absentOnce is a rig whose token a is absent from far: the look for the push of that is over, and
// the second one, before the absence counts as a deletion, is not.
func absentOnce(t *testing.T, a store.Token) *rig {
	t.Helper()
	r, _ := inUse(t, a)
	time.Sleep(2 * time.Second) // the first looks are over
	r.watch.link.Store(1)
	_ = r.far.Map.CompareAndDelete(t.Context(), key, a)
	r.watch.tell(false)
	synctest.Wait()
	holds(t, "near", r.near, "a")
	return r
}

// Followers of a key that changes often, or of one among thousands, hear late that everything was
// emptied. The Watch knows it at once.
func TestGapThatIsToldLateIsNoDeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := absentOnce(t, newToken(t, "a", time.Hour))
		time.Sleep(10 * time.Millisecond)
		r.watch.link.Add(1)
		time.Sleep(200 * time.Millisecond)
		r.watch.tell(true)
		time.Sleep(time.Minute)
		holds(t, "near", r.near, "a")
		holds(t, "far", &r.far.Map, "a")
	})
}

// While a new name is not yet followed by the server, there is no link that everything is pushed
// over. That is no gap of the others.
func TestLinkThatIsNotKnownIsNoGap(t *testing.T) {
	for name, links := range map[string][2]uint64{"at first": {0, 1}, "then": {1, 0}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newToken(t, "a", time.Hour)
				r, _ := inUse(t, a)
				time.Sleep(2 * time.Second)
				r.watch.link.Store(links[0])
				_ = r.far.Map.CompareAndDelete(t.Context(), key, a)
				r.watch.tell(false)
				time.Sleep(10 * time.Millisecond)
				r.watch.link.Store(links[1])
				time.Sleep(20 * time.Millisecond)
				holds(t, "near", r.near, "")
				holds(t, "far", &r.far.Map, "")
			})
		})
	}
}

// Far fails just before the second look. The absence is known from before that, so that it is a
// deletion still, unless changes were missed meanwhile.
func TestSecondLookThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(*rig)
		want      string
	}{
		"a deletion":              {func(*rig) {}, ""},
		"another change, unseen":  {func(r *rig) { r.watch.tell(false) }, ""},
		"a new connection":        {func(r *rig) { r.watch.link.Add(1) }, "a"},
		"a gap":                   {func(r *rig) { r.watch.tell(true) }, "a"},
		"a gap, a new connection": {func(r *rig) { r.watch.link.Add(1); r.watch.tell(true) }, "a"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := absentOnce(t, newToken(t, "a", time.Hour))
				r.far.set(errDown, 0)
				time.Sleep(time.Second)
				holds(t, "near", r.near, "a")
				c.meanwhile(r)
				time.Sleep(time.Second)
				r.far.set(nil, 0)
				time.Sleep(6 * time.Second)
				holds(t, "near", r.near, c.want)
				holds(t, "far", &r.far.Map, c.want)
				time.Sleep(2 * time.Minute)
				holds(t, "near", r.near, c.want)
				holds(t, "far", &r.far.Map, c.want)
			})
		})
	}
}

// A gap that is noted while far fails is still one for the look that comes when the breaker allows it.
func TestGapWhileTheSecondLookFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := absentOnce(t, newToken(t, "a", time.Hour))
		r.far.set(errDown, 0)
		time.Sleep(time.Second)
		r.watch.tell(true)
		time.Sleep(time.Second)
		r.far.set(nil, 0)
		time.Sleep(3*time.Second + 100*time.Millisecond)
		r.watch.tell(false)
		time.Sleep(time.Minute)
		holds(t, "near", r.near, "a")
		holds(t, "far", &r.far.Map, "a")
	})
}

// What was absent is told by its token: another one that is there meanwhile, and lost again, gets a
// second look of its own.
func TestSecondLookIsOfTheSameToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		r := absentOnce(t, a)
		time.Sleep(5 * time.Millisecond)
		swap(t, &r.far.Map, store.Token{}, b)
		r.watch.tell(false)
		time.Sleep(5 * time.Millisecond)
		holds(t, "near", r.near, "b")
		_ = r.far.Map.CompareAndDelete(t.Context(), key, b) // everything is lost
		time.Sleep(15 * time.Millisecond)                   // the second look for a
		r.watch.tell(true)
		time.Sleep(time.Minute)
		holds(t, "near", r.near, "b")
		holds(t, "far", &r.far.Map, "b")
	})
}

// A token that was absent for a moment, and was there again at the second look, is forgotten: a new
// connection since then is no gap of what happens later.
func TestSecondLookThatFindsTheTokenIsTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		r := absentOnce(t, a)
		swap(t, &r.far.Map, store.Token{}, a)
		time.Sleep(time.Second)
		r.watch.link.Add(1)
		r.watch.push(true)
		time.Sleep(time.Minute)
		_ = r.far.Map.CompareAndDelete(t.Context(), key, a)
		r.watch.push(false)
		holds(t, "near", r.near, "")
		holds(t, "far", &r.far.Map, "")
	})
}

// A deletion is believed although the key changes all the time, and no look comes after Close.
func TestSecondLookAmongManyChanges(t *testing.T) {
	for name, want := range map[string]string{"followed": "", "closed": "a"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := absentOnce(t, newToken(t, "a", time.Hour))
				if want != "" {
					_ = r.Close()
				}
				before := r.far.ops.Load()
				for range 200 {
					r.watch.tell(false)
					time.Sleep(time.Millisecond)
				}
				holds(t, "near", r.near, want)
				if n := r.far.ops.Load() - before; want != "" && n > 0 {
					t.Errorf("far was asked %d times", n)
				}
			})
		})
	}
}

// A gap that was looked at is none for the look that was planned for when the breaker allows it.
func TestDeletionJustBeforeALookThatWasPlanned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := inUse(t, newToken(t, "a", time.Hour))
		time.Sleep(2 * time.Second) // the first looks are over
		r.far.set(errDown, 0)
		_, _ = r.Get(t.Context(), "another key")
		r.far.set(nil, 0)
		time.Sleep(3 * time.Second)
		r.watch.push(false) // the breaker is open: the key is to be looked at in five seconds
		time.Sleep(3 * time.Second)
		r.watch.push(false) // it is closed, and all is well
		time.Sleep(1950 * time.Millisecond)
		_ = r.far.Map.CompareAndDelete(t.Context(), key, newToken(t, "a", time.Hour))
		r.watch.tell(false)
		time.Sleep(time.Minute)
		holds(t, "near", r.near, "")
		holds(t, "far", &r.far.Map, "")
	})
}
