package tiered_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

func TestNothingIsReadWhenNobodyFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		swap(t, r, store.Token{}, newToken(t, "a", time.Hour))
		stop := r.Follow(key, nil)
		also := r.Follow(key, nil)
		synctest.Wait()
		stop()
		before := r.far.ops.Load()
		r.watch.push(false)
		if r.far.ops.Load() == before {
			t.Error("the other one does not follow any more")
		}
		also()
		also()
		before = r.far.ops.Load()
		r.watch.push(false)
		time.Sleep(time.Minute)
		if n := r.far.ops.Load() - before; n != 0 {
			t.Errorf("far was asked %d times", n)
		}
	})
}

// A push each time is one look each time, however many come at once.
func TestManyPushesAreFewLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := inUse(t, newToken(t, "a", time.Hour))
		r.far.set(nil, 100*time.Millisecond)
		before := r.far.ops.Load()
		for range 1000 {
			r.watch.tell(false)
			synctest.Wait()
		}
		time.Sleep(900 * time.Millisecond) // before there is a look for no reason
		if n := r.far.ops.Load() - before; n != 2 {
			t.Errorf("%d looks; want one for the first push and one after it for the rest", n)
		}
	})
}

func TestFollowerThatPanicsDoesNotEndTheFollowing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour), newToken(t, "c", time.Hour)
		r := build(t)
		swap(t, r, store.Token{}, a)
		defer r.Follow(key, func(store.Token) { panic("follower") })()
		synctest.Wait()
		swap(t, r.far, a, b)
		r.watch.push(false)
		swap(t, r.far, b, c)
		r.watch.push(false)
		holds(t, "near", r.near, "c")
	})
}

func TestWithoutAWatchNothingIsFollowed(t *testing.T) {
	s, err := tiered.New(tiered.Config{Near: new(store.Map), Far: new(store.Map)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.Follow(key, nil)()
}
