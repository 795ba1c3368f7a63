package limit_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/store/tiered/internal/limit"
)

func TestLimit(t *testing.T) {
	var l limit.Limit
	now := time.Now()
	for range limit.Burst {
		if wait := l.Wait(now); wait != 0 {
			t.Errorf("waits %v before the burst is over", wait)
		}
		l.Note(now)
		now = now.Add(time.Second)
	}
	if wait := l.Wait(now); wait != limit.Window-limit.Burst*time.Second || l.Quiet() {
		t.Errorf("waits %v, quiet: %v", wait, l.Quiet())
	}
	now = now.Add(limit.Window)
	if wait := l.Wait(now); wait != 0 || !l.Quiet() {
		t.Errorf("waits %v after the window, quiet: %v", wait, l.Quiet())
	}
}
