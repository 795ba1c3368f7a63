package farwait_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/farwait"
)

// The time in which the process does not get to run counts as time in its queue, and once only.
func TestHeldUpIsQueued(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		held := time.Hour // of operations before this one
		ctx := farwait.Operation(t.Context(), time.Second, func() time.Duration { return held })
		want := func(d time.Duration) {
			t.Helper()
			if got := farwait.Queued(ctx); got != d {
				t.Errorf("queued for %v, want %v", got, d)
			}
		}
		want(0)
		time.Sleep(time.Second)
		held += 300 * time.Millisecond
		want(300 * time.Millisecond)
		done := farwait.Queue(ctx)
		time.Sleep(time.Second)
		held += 500 * time.Millisecond // within that second
		want(1300 * time.Millisecond)
		done()
		held += 200 * time.Millisecond
		want(1500 * time.Millisecond)
		if left := farwait.Left(ctx, time.Minute); left != time.Second {
			t.Errorf("%v are left", left)
		}
	})
}
