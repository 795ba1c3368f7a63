package tiered_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
)

// watch is a Watch that a test pushes.
type watch struct {
	mu      sync.Mutex
	next    int
	follows map[int]func(gap bool)
	link    atomic.Uint64
}

func (w *watch) Link() uint64 { return w.link.Load() }

func (w *watch) Follow(_ string, changed func(gap bool)) (stop func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.follows == nil {
		w.follows = make(map[int]func(bool))
	}
	id := w.next
	w.next++
	w.follows[id] = changed
	return func() { w.mu.Lock(); delete(w.follows, id); w.mu.Unlock() }
}

// push tells of a change, and waits until everybody has followed it.
func (w *watch) push(gap bool) {
	w.tell(gap)
	synctest.Wait()
	time.Sleep(20 * time.Millisecond) // a deletion is believed then
	synctest.Wait()
}

// inUse returns a rig whose token, which both tiers have, is followed.
func inUse(t *testing.T, tok store.Token) (r *rig, moved *[]string) {
	t.Helper()
	r, moved = build(t), new([]string)
	swap(t, r, store.Token{}, tok)
	t.Cleanup(r.Follow(key, func(tok store.Token) { *moved = append(*moved, tok.Reveal()) }))
	synctest.Wait()
	return r, moved
}

func TestTokenThatSomebodyWritesIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		r, moved := inUse(t, a)
		swap(t, r.far, a, b)
		holds(t, "near", r.near, "a")
		r.watch.push(false)
		holds(t, "near", r.near, "b")
		r.watch.push(false) // a push says only that something may have changed
		r.watch.push(true)
		if len(*moved) != 1 || (*moved)[0] != "b" {
			t.Errorf("told of %q", *moved)
		}
	})
}

func TestTokenThatFarHasNoMore(t *testing.T) {
	for _, c := range []struct {
		name      string
		life      time.Duration // of the token
		gap       bool
		near, far string
	}{
		{"deleted", time.Hour, false, "", ""},
		{"lost", time.Hour, true, "a", "a"},
		{"at its shared end", 109 * time.Second, false, "a", ""},
		{"about to be at its shared end, so that it was never written", 115 * time.Second, false, "a", ""},
		{"at its shared end, the clocks differ a little", 121 * time.Second, false, "a", ""},
		{"at its shared end, as far as the clocks can tell", 122 * time.Second, false, "a", ""},
		{"deleted at the last moment that the clocks can tell", 123 * time.Second, false, "", ""},
		{"deleted just before its shared end", 130 * time.Second, false, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newToken(t, "a", c.life)
				r, _ := inUse(t, a)
				_ = r.far.CompareAndDelete(t.Context(), key, a)
				r.watch.push(c.gap)
				holds(t, "near", r.near, c.near)
				holds(t, "far", &r.far.Map, c.far)
			})
		})
	}
}

// A patient client asks again after a restart: what it does not find was not deleted.
func TestAbsenceAfterARestartIsNoDeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		r, _ := inUse(t, a)
		_ = r.far.Map.CompareAndDelete(t.Context(), key, a) // lost
		r.far.afterGet(func() { r.watch.link.Add(1) })
		r.watch.push(false)
		holds(t, "near", r.near, "a")
		holds(t, "far", &r.far.Map, "a")
	})
}

// When the server comes back empty, every process writes its token back, and one of
// them is first.
func TestTokenThatIsWrittenBackDoesNotReplaceAFasterOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		r, moved := inUse(t, a)
		_ = r.far.CompareAndDelete(t.Context(), key, a)
		swap(t, r.far, store.Token{}, b)
		r.watch.push(true)
		holds(t, "near", r.near, "b")
		holds(t, "far", &r.far.Map, "b")
		if len(*moved) != 1 {
			t.Errorf("told of %q", *moved)
		}
	})
}

func TestRejectedTokenIsNotTakenBackFromFar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		r, moved := inUse(t, a)
		if err := r.CompareAndDelete(t.Context(), key, a); err != nil {
			t.Fatal(err)
		}
		swap(t, r.far, store.Token{}, a) // another process, which has not heard of it, writes it back
		r.watch.push(false)
		holds(t, "near", r.near, "")
		swap(t, r, store.Token{}, b)
		swap(t, r.far, b, a)
		r.watch.push(false)
		holds(t, "near", r.near, "b")
		if len(*moved) != 0 {
			t.Errorf("told of %q", *moved)
		}
	})
}

func TestTokenThatFarHasNotBeenToldOfStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		r, _ := inUse(t, a)
		r.far.set(errDown, 0)
		swap(t, r, a, b)
		r.far.set(nil, 0)
		r.watch.push(false)
		r.watch.push(true)
		holds(t, "near", r.near, "b")
		time.Sleep(time.Minute)
		holds(t, "far", &r.far.Map, "b")
	})
}

// What happens while far cannot be asked is found out when it can, and counts as a gap.
func TestChangeDuringAnOutageIsNoticedAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		r, _ := inUse(t, a)
		swap(t, r.far, a, b)
		r.far.set(errDown, 0)
		r.watch.push(false)
		holds(t, "near", r.near, "a")
		r.far.set(nil, 0)
		time.Sleep(6 * time.Second)
		holds(t, "near", r.near, "b")

		_ = r.far.CompareAndDelete(t.Context(), key, b)
		r.far.set(errDown, 0)
		r.watch.push(false)
		r.far.set(nil, 0)
		time.Sleep(6 * time.Second)
		holds(t, "near", r.near, "b")
		holds(t, "far", &r.far.Map, "b")
	})
}

// A change that comes while far is being read must not be lost: what was read is old.
func TestChangeDuringAReadIsFollowed(t *testing.T) {
	for name, read := range map[string]func(*rig) error{
		"Get":     func(r *rig) error { _, err := r.Get(context.Background(), key); return err },
		"Acquire": func(r *rig) error { _, err := r.Acquire(context.Background(), key, ask); return err },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := build(t)
				a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
				swap(t, r.far, store.Token{}, a)
				defer r.Follow(key, nil)()
				synctest.Wait()
				r.far.afterGet(func() { // the answer is on its way
					swap(t, &r.far.Map, a, b)
					r.watch.push(false)
				})
				if err := read(r); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				holds(t, "near", r.near, "b")
			})
		})
	}
}

// The same for a write into an empty store: somebody replaces it at once.
func TestChangeRightAfterTheFirstWriteIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		defer r.Follow(key, nil)()
		synctest.Wait()
		r.far.afterSwap(func() { // near is still empty
			swap(t, &r.far.Map, a, b)
			r.watch.push(false)
		})
		swap(t, r, store.Token{}, a)
		synctest.Wait()
		holds(t, "near", r.near, "b")
	})
}

func TestMistakesOfOthersDoNotHarmNear(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		writes int64
	}{
		"unusable":            {store.ErrUnusable, 1},
		"of another identity": {store.ErrIdentity, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, _ := inUse(t, newToken(t, "a", time.Hour))
				before := r.far.writes.Load()
				r.far.setReads(c.err)
				r.watch.push(false)
				holds(t, "near", r.near, "a")
				if n := r.far.writes.Load() - before; n != c.writes {
					t.Errorf("written back %d times, want %d", n, c.writes)
				}
			})
		})
	}
}

// A change that came while a write was pending was not looked at then.
func TestChangeDuringAPendingWriteIsFollowedAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour), newToken(t, "c", time.Hour)
		r, _ := inUse(t, a)
		r.far.set(errDown, 0)
		swap(t, r, a, b)
		r.far.set(nil, 0)
		r.far.afterSwap(func() { // it has been made, and nobody knows it yet
			swap(t, &r.far.Map, b, c)
			r.watch.push(false)
		})
		time.Sleep(time.Minute)
		holds(t, "near", r.near, "c")
	})
}

// A token that turns up when a pending write is made is somebody else's too: who follows hears of
// it, however that happens.
func TestTokenThatStandsInTheWayOfAPendingWriteIsToldOf(t *testing.T) {
	for name, flush := range map[string]func(*testing.T, *rig){
		"later": func(*testing.T, *rig) { time.Sleep(time.Minute) },
		"with a deletion": func(t *testing.T, r *rig) {
			time.Sleep(3500 * time.Millisecond) // the breaker lets somebody through before the pending write is due
			if err := r.CompareAndDelete(t.Context(), key, newToken(t, "another", time.Hour)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b, c := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour), newToken(t, "c", time.Hour)
				r, moved := inUse(t, a)
				r.far.set(errDown, 0)
				_, _ = r.Reread(t.Context(), key) // the breaker opens
				time.Sleep(2 * time.Second)
				swap(t, r, a, b)
				r.far.set(nil, 0)
				swap(t, &r.far.Map, a, c)
				r.watch.push(false)
				holds(t, "near", r.near, "b")
				flush(t, r)
				holds(t, "near", r.near, "c")
				if len(*moved) != 1 || (*moved)[0] != "c" {
					t.Errorf("told of %q", *moved)
				}
			})
		})
	}
}

// What happened while nobody followed is found out at once when somebody does.
func TestFollowingBeginsWithALook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		swap(t, r, store.Token{}, a)
		swap(t, r.far, a, b)
		defer r.Follow(key, nil)()
		synctest.Wait()
		holds(t, "near", r.near, "b")
	})
}

// The first look after an outage does not know what it missed, even if the push that
// it is for was an ordinary one.
func TestDeletionThatWasMissedIsAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		r, _ := inUse(t, a)
		r.far.set(errDown, 0)
		r.watch.push(false)
		_ = r.far.Map.CompareAndDelete(t.Context(), key, a)
		r.far.set(nil, 0)
		time.Sleep(5*time.Second + time.Microsecond) // the breaker lets somebody through, the look is due in a moment
		r.watch.push(false)
		holds(t, "near", r.near, "a")
		holds(t, "far", &r.far.Map, "a")
	})
}

// Far's old token must not come back through a look before far has been told.
func TestLookDoesNotGoBackToWhatAnOutageLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		r, _ := inUse(t, a)
		r.far.set(errDown, 0)
		swap(t, r, a, b)
		_ = r.far.Map.CompareAndDelete(t.Context(), key, a)
		r.far.set(nil, 0)
		time.Sleep(5*time.Second + time.Microsecond)
		r.watch.push(false) // absent, and that is what far was left with
		holds(t, "near", r.near, "b")
		time.Sleep(time.Minute)
		holds(t, "far", &r.far.Map, "b")
	})
}

func TestTokenThatCouldNotBeWrittenBackIsAPendingWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		r, _ := inUse(t, a)
		_ = r.far.Map.CompareAndDelete(t.Context(), key, a)
		r.far.afterGet(func() { r.far.set(errDown, 0) })
		r.watch.push(true)
		holds(t, "near", r.near, "a")
		r.far.set(nil, 0)
		time.Sleep(time.Minute)
		holds(t, "far", &r.far.Map, "a")
	})
}

func TestWriteBackTakesWhatSomebodyElseWroteMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		r, moved := inUse(t, a)
		_ = r.far.Map.CompareAndDelete(t.Context(), key, a)
		r.far.afterGet(func() { swap(t, &r.far.Map, store.Token{}, b) })
		r.watch.push(true)
		holds(t, "near", r.near, "b")
		if len(*moved) != 1 {
			t.Errorf("told of %q", *moved)
		}
	})
}

func TestClosedStoreDoesNotLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		r, _ := inUse(t, a)
		swap(t, r.far, a, b)
		_ = r.Close()
		before := r.far.ops.Load()
		r.watch.push(true)
		time.Sleep(time.Minute)
		if n := r.far.ops.Load() - before; n != 0 {
			t.Errorf("far was asked %d times", n)
		}
	})
}
