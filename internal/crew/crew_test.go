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
		c := crew.New(2, func() int { return 100 }, time.Hour, func(jobs []int) {
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
		c := crew.New(1, crew.Singly, 100*time.Millisecond, func(jobs []string) {
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

// Jobs that are there are shared by the workers after the first ones have shown that it is of
// use, and no more are begun when it is none any more.
func TestSharedJobs(t *testing.T) {
	const each = time.Second
	for name, c := range map[string]struct {
		jobs, last int // the one after which it is no use
		panics     bool
		calls      int64
		took       time.Duration
	}{
		"all":          {jobs: 90, last: -1, calls: 9, took: 3 * each},
		"none":         {last: -1},
		"a few":        {jobs: 5, last: -1, calls: 1, took: each},
		"of no use":    {jobs: 90, last: 0, calls: 1, took: each / 2},
		"a panic":      {jobs: 90, last: 0, panics: true, calls: 1, took: each / 2},
		"some of them": {jobs: 90, last: 20, calls: 5, took: 2 * each},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				jobs, done := make([]int, c.jobs), make([]atomic.Bool, c.jobs)
				for i := range jobs {
					jobs[i] = i
				}
				var calls atomic.Int64
				began := time.Now()
				crew.Share(4, func() int { return 10 }, jobs, func(some []int) bool {
					calls.Add(1)
					if time.Sleep(each / 2); some[0] != c.last {
						time.Sleep(each / 2)
					}
					for _, i := range some {
						if done[i].Swap(true) {
							t.Errorf("%d is done twice", i)
						}
						if i == c.last && c.panics {
							panic("boom")
						}
					}
					return some[0] != c.last
				})
				if took := time.Since(began); took != c.took || calls.Load() != c.calls {
					t.Errorf("%d calls in %v, want %d in %v", calls.Load(), took, c.calls, c.took)
				}
			})
		})
	}
}

// Where nothing is left to do after the first jobs, or nothing was there, no worker is begun.
func TestNoWorkersForNothing(t *testing.T) {
	for jobs, want := range map[int]int64{0: 1, 1: 1, 10: 1, 11: 3} {
		var asked atomic.Int64
		crew.Share(4, func() int { asked.Add(1); return 10 }, make([]int, jobs), func([]int) bool { return true })
		if n := asked.Load(); n > want {
			t.Errorf("%d jobs: asked %d times for how many to do, want %d at most", jobs, n, want)
		}
	}
}
