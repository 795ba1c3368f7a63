package crew_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/crew"
)

// Jobs that come while all workers are busy are done together, by no more workers than that.
func TestJobsAreDoneTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls, running, most, done atomic.Int64
		c := crew.New(2, 100, time.Hour, func(jobs []int) {
			calls.Add(1)
			most.Store(max(most.Load(), running.Add(1)))
			time.Sleep(time.Second)
			running.Add(-1)
			done.Add(int64(len(jobs)))
		})
		for i := range 150 {
			c.Add(i)
		}
		time.Sleep(time.Minute)
		if done.Load() != 150 || most.Load() > 2 || calls.Load() > 4 {
			t.Errorf("%d jobs done, %d workers, %d calls; want 150 by 2 in 4", done.Load(), most.Load(), calls.Load())
		}
	})
}

// A job that hangs, panics or ends its goroutine does not hold up the others for long.
func TestBadJobDoesNotHoldUpTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		done := make(map[string]time.Duration)
		began := time.Now()
		c := crew.New(1, 1, 100*time.Millisecond, func(jobs []string) {
			switch jobs[0] {
			case "hang":
				<-release
			case "panic":
				panic("boom")
			default:
				done[jobs[0]] = time.Since(began)
			}
		})
		for _, job := range []string{"hang", "panic", "good"} {
			c.Add(job)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if took, ok := done["good"]; !ok || took > 100*time.Millisecond {
			t.Errorf("done: %v after %v; want within the patience", ok, took)
		}
		close(release)
	})
}
