package load

import (
	"context"
	"time"
)

// work makes calls, one after the other, until there are none left.
func (r *run) work(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	// What a worker is late by is the calls' doing if it comes from one. As far as it
	// comes from a timer that rang late, it may be the load's own: that part, the lag,
	// is carried until the worker has made up for it, and not counted up to Slack. A
	// goroutine that was started late has all of its lateness from there.
	lag := r.cfg.Duration
	for {
		i := int(r.next.Add(1) - 1)
		if i >= len(r.calls) {
			return
		}
		due := r.due(i)
		late := time.Since(r.cfg.Start) - due
		if late < 0 {
			timer.Reset(-late)
			select {
			case <-timer.C:
			case <-ctx.Done():
				return
			}
			late = time.Since(r.cfg.Start) - due
			lag = late
		}
		if ctx.Err() != nil {
			return
		}
		lag = min(lag, late)
		began := time.Now()
		err := r.cfg.Call(ctx)
		took := time.Since(began)
		if err != nil && ctx.Err() != nil {
			return // given up, not failed
		}
		c := &r.calls[i]
		c.latency, c.took, c.lag, c.state = late-min(lag, Slack)+took, took, lag, succeeded
		if err != nil {
			c.state = failed
			r.problems.add(err)
		}
		r.cfg.Progress.Add(1)
	}
}
