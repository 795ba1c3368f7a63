package tombstone_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered/internal/tombstone"
)

// issued returns a token that was issued at a time, and ends at another one.
func issued(t *testing.T, text string, at, end time.Time) store.Token {
	t.Helper()
	tok, err := store.NewToken(text, at, end)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// room is how many tombstones a key has.
const room = 16

// full returns a Set in which the tombstones of n tokens had no room. They were issued one after the
// other, every so often, beginning at first.
func full(t *testing.T, n int, first time.Time, every, life time.Duration) *tombstone.Set {
	t.Helper()
	s := tombstone.New(true)
	for i := range room + n {
		at := first.Add(time.Duration(i) * every)
		s.Add(key, issued(t, fmt.Sprint("tok-", i), at, at.Add(life)), false)
	}
	return s
}

// A token that was issued no later than one whose tombstone had no room is left, and so is one of the
// same issue. Of others nothing is known.
func TestWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := time.Now()
		time.Sleep(time.Hour)
		end := first.Add(5 * time.Hour)
		s := full(t, 2, first, time.Minute, 5*time.Hour)
		last := first.Add(time.Minute) // of those that had no room
		for _, c := range []struct {
			at   time.Time
			left bool
		}{
			{first.Add(-time.Hour), true}, {first, true}, {last, true}, {last.Add(50 * time.Millisecond), true},
			{last.Add(50*time.Millisecond + 1), false}, {last.Add(time.Minute), false}, {time.Time{}, false},
		} {
			tok := issued(t, "tok", c.at, end)
			if got := s.Left(key, tok); got != c.left {
				t.Errorf("issued %v after the last one: left %v", c.at.Sub(last), got)
			}
			if s.Left("other", tok) {
				t.Error("left under another key")
			}
		}
		if empty := tombstone.New(true); empty.Left(key, issued(t, "tok", first, end)) {
			t.Error("left where nothing was replaced")
		}
	})
}

// As long as there is room, nothing is left, and tokens whose time of issue is not known leave none.
func TestNothingIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := time.Now()
		time.Sleep(time.Hour)
		end := first.Add(5 * time.Hour)
		old := issued(t, "tok", first, end)
		if full(t, 0, first, time.Minute, 5*time.Hour).Left(key, old) {
			t.Error("left, and there was room")
		}
		s := tombstone.New(true)
		for i := range room + 2 {
			s.Add(key, issued(t, fmt.Sprint("undated-", i), time.Time{}, end), false)
		}
		s.Add(key, issued(t, "dated", first.Add(time.Minute), end), false)
		if s.Left(key, old) {
			t.Error("left, and it is not known when those that had no room were issued")
		}
	})
}

// Tokens that were issued within five seconds came at the same time: none is an old one.
func TestTokensOfTheSameTimeAreNotLeft(t *testing.T) {
	for every, left := range map[time.Duration]bool{5 * time.Second / room: false, 5*time.Second/room + 1: true} {
		synctest.Test(t, func(t *testing.T) {
			first := time.Now()
			time.Sleep(time.Hour)
			s := full(t, 1, first, every, 5*time.Hour)
			if got := s.Left(key, issued(t, "tok", first, first.Add(5*time.Hour))); got != left {
				t.Errorf("with a token each %v: left %v", every, got)
			}
		})
	}
}

// The last of those that had no room counts, in whatever order they were replaced; a clock that is
// ahead does not.
func TestLastOneThatHadNoRoomCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		end := now.Add(10 * time.Hour)
		time.Sleep(5 * time.Hour)
		at := func(hours float64) time.Time { return now.Add(time.Duration(hours * float64(time.Hour))) }
		s := tombstone.New(true)
		for i, hours := range []float64{2, 1, 9} { // these have no room; the last is from the future
			s.Add(key, issued(t, fmt.Sprint("first-", i), at(hours), end), false)
		}
		for i := range room {
			s.Add(key, issued(t, fmt.Sprint("tok-", i), at(4+0.01*float64(i)), end), false)
			switch i {
			case room - 3: // the first one has no room
				if !s.Left(key, issued(t, "tok", at(2), end)) {
					t.Error("the first one is not left")
				}
			case room - 2: // nor has the earlier one
				if !s.Left(key, issued(t, "tok", at(2), end)) || s.Left(key, issued(t, "tok", at(2.1), end)) {
					t.Error("the earlier one counts")
				}
			}
		}
		// Nor has the one from the future, which counts as of now.
		s.Add(key, issued(t, "later", at(8), end), false)
		for hours, left := range map[float64]bool{4.9: true, 5: true, 5.1: false, 8.9: false} {
			if got := s.Left(key, issued(t, "tok", at(hours), end)); got != left {
				t.Errorf("issued at hour %v: left %v", hours, got)
			}
		}
	})
}

// What is left is forgotten when the last of the tokens has ended that had no room.
func TestWhatIsLeftIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := time.Now()
		time.Sleep(time.Hour)
		s := tombstone.New(true)
		for i, life := range []time.Duration{4 * time.Hour, 3 * time.Hour} { // these have no room
			s.Add(key, issued(t, fmt.Sprint("first-", i), first, first.Add(life)), false)
		}
		for i := range room {
			s.Add(key, issued(t, fmt.Sprint("tok-", i), first.Add(time.Minute), first.Add(10*time.Hour)), false)
		}
		old := issued(t, "tok", first, first.Add(10*time.Hour))
		for _, c := range []struct {
			at   time.Duration
			left bool
		}{{4*time.Hour - 1, true}, {4*time.Hour + time.Minute, false}} {
			time.Sleep(time.Until(first.Add(c.at)))
			s.Add("other", lives(t, c.at.String(), time.Second), false) // looks at all once a minute
			if got := s.Left(key, old); got != c.left {
				t.Errorf("after %v: left %v", c.at, got)
			}
		}
	})
}

// A token that is stored on purpose is not left any more, those before it are.
func TestRemovedIsNotLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := time.Now()
		time.Sleep(time.Hour)
		end := first.Add(5 * time.Hour)
		s := full(t, 2, first, time.Minute, 5*time.Hour)
		earlier, tok := issued(t, "earlier", first.Add(50*time.Second-1), end), issued(t, "tok", first.Add(50*time.Second), end)
		newer := issued(t, "newer", first.Add(10*time.Minute), end)
		s.Remove(key, newer) // which is not left
		if !s.Left(key, tok) {
			t.Error("not left")
		}
		s.Remove(key, tok)
		if s.Left(key, tok) || !s.Left(key, earlier) {
			t.Errorf("left: %v, the one before: %v", s.Left(key, tok), s.Left(key, earlier))
		}
	})
}

// Of is asked, and Left, while tombstones come and go.
func TestLeftAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		s := full(t, 1, now, time.Minute, time.Hour)
		done := make(chan bool)
		go func() {
			defer close(done)
			for i := range 1000 {
				s.Add(key, issued(t, fmt.Sprint("more-", i), now, now.Add(time.Hour)), false)
			}
		}()
		for range 1000 {
			s.Left(key, issued(t, "tok", now, now.Add(time.Hour)))
			s.Of(key)
		}
		<-done
	})
}
