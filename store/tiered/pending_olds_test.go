package tiered_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// What an outage left in far is known however many tokens came after it, also if nobody knows when
// they were issued.
func TestManyTokensOfOneOutageReplaceTheOneBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		undated := func(text string) store.Token {
			tok, err := store.NewToken(text, time.Time{}, time.Now().Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			return tok
		}
		last := undated("before")
		swap(t, r, store.Token{}, last)
		r.far.set(errDown, 0)
		for i := range 20 { // more than there are tombstones
			next := undated(fmt.Sprint("during-", i))
			swap(t, r, last, next)
			last = next
		}
		r.far.set(nil, 0)
		time.Sleep(time.Minute)
		holds(t, "far", &r.far.Map, "during-19")
		holds(t, "near", r.near, "during-19")
	})
}

// A deletion is told to far also if another process has stored another token there meanwhile:
// others may still have the one that was deleted.
func TestPendingDeletionOutlivesTheNextToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a, b, c := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour), newToken(t, "c", time.Hour)
		swap(t, r, store.Token{}, a)
		trip(t, r)
		time.Sleep(2 * time.Second)
		if err := r.CompareAndDelete(t.Context(), key, a); err != nil { // pending, due at 7.001 s
			t.Fatal(err)
		}
		swap(t, &r.far.Map, a, b)
		time.Sleep(3500 * time.Millisecond)
		holds(t, "tiered", r, "b")
		swap(t, &r.far.Map, b, c)
		if outcome := acquire(t, r, lease.Ask{Old: b}); !outcome.Token.Equal(c) {
			t.Errorf("got %+v", outcome)
		}
		if !r.Pending(key) {
			t.Error("the deletion is not pending any more")
		}
		before := r.far.ops.Load()
		time.Sleep(time.Minute)
		if n := r.far.ops.Load() - before; n != 1 || r.Pending(key) {
			t.Errorf("far was asked %d times, pending: %v; want one deletion", n, r.Pending(key))
		}
		holds(t, "near", r.near, "c")
		holds(t, "far", &r.far.Map, "c")
	})
}

// A write that this process has no right to make is tried once a minute, and not any more when its
// token has ended.
func TestForbiddenWriteIsTriedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		r.far.set(fmt.Errorf("NOPERM: %w", store.ErrForbidden), 0)
		swap(t, r, store.Token{}, newToken(t, "a", 5*time.Minute+30*time.Second))
		synctest.Wait()
		before := r.far.writes.Load()
		time.Sleep(5*time.Minute + 29*time.Second)
		if n := r.far.writes.Load() - before; n != 5 || !r.Pending(key) {
			t.Errorf("tried %d times in five minutes, pending: %v", n, r.Pending(key))
		}
		time.Sleep(6 * time.Second)
		if r.Pending(key) {
			t.Error("it is pending when its token has ended")
		}
	})
}
