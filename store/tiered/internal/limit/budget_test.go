package limit_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/store/tiered/internal/limit"
)

func TestBudget(t *testing.T) {
	var b limit.Budget
	now := time.Now()
	for i := range 8 {
		if wait := b.Take(now); wait != 0 {
			t.Errorf("waits %v at time %d of a burst", wait, i+1)
		}
	}
	for range 3 { // to ask costs nothing
		if wait := b.Take(now); wait != 25*time.Millisecond {
			t.Errorf("waits %v after a burst", wait)
		}
	}
	now = now.Add(25 * time.Millisecond)
	if first, second := b.Take(now), b.Take(now); first != 0 || second != 25*time.Millisecond {
		t.Errorf("waits %v, then %v", first, second)
	}
	now = now.Add(time.Hour)
	done := 0
	for b.Take(now) == 0 {
		done++
	}
	if done != 8 {
		t.Errorf("a burst of %d after a pause", done)
	}
}
