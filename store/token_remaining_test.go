package store_test

import (
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/advoware-go/advoware/store"
)

func TestRemaining(t *testing.T) {
	const life = 55 * time.Minute
	for _, c := range []struct {
		name      string
		wall      time.Duration // how far the wall clock went since the fetch
		monotonic time.Duration // how far the monotonic clock went since the fetch
		want      time.Duration
		wallOnly  time.Duration // the same if one of the times has no monotonic reading
	}{
		{"at once", 0, 0, life, life},
		{"both went 10 minutes", 10 * time.Minute, 10 * time.Minute, 45 * time.Minute, 45 * time.Minute},
		{"a nanosecond before the end", life - 1, life - 1, 1, 1},
		{"the end", life, life, 0, 0},
		{"a nanosecond past the end", life + 1, life + 1, -1, -1},
		{"wall set an hour ahead", 70 * time.Minute, 10 * time.Minute, -15 * time.Minute, -15 * time.Minute},
		{"wall set an hour back", -50 * time.Minute, 10 * time.Minute, 45 * time.Minute, 105 * time.Minute},
		{"wall set an hour back, the end", -5 * time.Minute, life, 0, time.Hour},
		{"suspended for half an hour", 40 * time.Minute, 10 * time.Minute, 15 * time.Minute, 15 * time.Minute},
		{"suspended over the end", 10 * time.Hour, time.Minute, life - 10*time.Hour, life - 10*time.Hour},
		{"suspended for an hour, then wall set an hour back", 10 * time.Minute, 10 * time.Minute, 45 * time.Minute, 45 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			fetched := time.Now()
			expiry := fetched.Add(life)
			now := later(t, fetched, c.wall, c.monotonic)
			for _, r := range []struct {
				readings    string
				now, expiry time.Time
				want        time.Duration
			}{
				{"both", now, expiry, c.want},
				{"only now's", now, expiry.Round(0), c.wallOnly},
				{"only expiry's", now.Round(0), expiry, c.wallOnly},
				{"none", now.Round(0), expiry.Round(0), c.wallOnly},
			} {
				if got := store.Remaining(r.now, r.expiry); got != r.want {
					t.Errorf("monotonic readings: %s: got %v, want %v", r.readings, got, r.want)
				}
				tok, err := store.NewToken("token", fetched, r.expiry)
				if err != nil {
					t.Fatal(err)
				}
				if got := tok.ValidAt(r.now); got != (r.want > 0) {
					t.Errorf("monotonic readings: %s: valid: %t", r.readings, got)
				}
			}
		})
	}
}

// TestRemainingOverTime is without tricks; the clock of a bubble is a wall clock
// only and makes no steps.
func TestRemainingOverTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		expiry := time.Now().Add(time.Hour)
		time.Sleep(time.Hour - 1)
		if got := store.Remaining(time.Now(), expiry); got != 1 {
			t.Errorf("got %v, want 1ns", got)
		}
		time.Sleep(time.Nanosecond)
		if got := store.Remaining(time.Now(), expiry); got != 0 {
			t.Errorf("got %v, want 0", got)
		}
	})
}

// later returns what time.Now would return after t when the two clocks have gone
// different ways since. Nothing in package time makes such a time, so it takes t
// with the wall clock moved, and puts the monotonic reading in by hand: it is
// the second word of a Time that has one. It checks that this came out right.
func later(t *testing.T, from time.Time, wall, monotonic time.Duration) time.Time {
	t.Helper()
	type words struct {
		wall uint64
		ext  int64
		loc  *time.Location
	}
	now := from.Add(wall)
	(*words)(unsafe.Pointer(&now)).ext += int64(monotonic - wall)
	if unsafe.Sizeof(now) != unsafe.Sizeof(words{}) || now.Sub(from) != monotonic || now.Round(0).Sub(from.Round(0)) != wall {
		t.Fatal("time.Time is built differently now: find another way to part its clocks")
	}
	return now
}
