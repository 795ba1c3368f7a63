// Package load makes calls by a schedule, and measures how long each took from the
// instant at which it was due.
//
// A loop that makes a call, waits for the answer and makes the next one measures
// little of what hurts: while the answer is late it makes no calls, and so the calls
// that would have been late too are missing from its figures. That is known as
// coordinated omission. Here the instants of all calls are fixed beforehand. A call
// that finds all callers busy begins late, and its lateness counts.
//
// A timer rings a little late on any machine: up to [Slack] of that is not counted, and no
// more, because a process that stands still makes its own timers late too. [Run] keeps
// how late they were, and what a loop would have measured, so that both can be shown.
//
// A Config may be used by several goroutines; a Result belongs to one. See
// ARCHITECTURE.md for what is measured here.
package load

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// MaxCalls is the most calls that one run may plan: each is kept until the end.
const MaxCalls = 10_000_000

// Config says how calls are made.
type Config struct {
	// Rate is how many calls a second are due, and Duration for how long; together at
	// least one call and at most MaxCalls.
	Rate     float64
	Duration time.Duration

	// Workers is how many calls can be under way at a time, at least 1. A call that is
	// due while all are busy waits, and its wait counts.
	Workers int

	// Call makes one call; required. It must return soon after its context has ended.
	Call func(context.Context) error

	// Start is when the first call is due. The zero value is a moment from now, enough
	// for all workers to be ready.
	Start time.Time

	// Lookups, if it is set, returns how many lookups of a token there were so far. It is
	// called at the end of each slot, while calls are made.
	Lookups func() Lookups

	// Progress, if it is set, counts the calls that have ended.
	Progress *atomic.Int64
}

// Check reports everything that is wrong with c in one error.
func (c Config) Check() error {
	var problems []error
	if !(c.Rate > 0) || math.IsInf(c.Rate, 0) {
		problems = append(problems, fmt.Errorf("load: the rate is %v, not above 0", c.Rate))
	}
	if c.Duration <= 0 {
		problems = append(problems, fmt.Errorf("load: the duration is %v, not above 0", c.Duration))
	}
	if c.Workers < 1 {
		problems = append(problems, fmt.Errorf("load: %d calls at a time, not at least 1", c.Workers))
	}
	if n := c.Rate * c.Duration.Seconds(); len(problems) == 0 && (n < 1 || n > MaxCalls) {
		problems = append(problems, fmt.Errorf("load: %v calls a second for %v are %.0f calls, not 1 to %d", c.Rate, c.Duration, n, MaxCalls))
	}
	return errors.Join(problems...)
}

// calls is how many calls are planned.
func (c Config) calls() int { return int(c.Rate * c.Duration.Seconds()) }

// Slack is how much lateness of the load's own timers is taken out of the latency of a
// call: what they are late by on a machine that keeps up. What is more counts, be it the
// machine's doing or that of the calls (a pause of the garbage collector, a processor
// that they keep busy): nobody can tell from here, and a caller would have waited.
const Slack = 5 * time.Millisecond

// lead is how long after Run the first call is due, if Config.Start does not say.
const lead = 20 * time.Millisecond

// Run makes the calls and returns when all have ended: those that are due at the end
// of the schedule are still waited for. When ctx ends it plans no further, and returns
// what it has by then.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	if cfg.Call == nil {
		return nil, errors.New("load: Call is required")
	}
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	if cfg.Start.IsZero() {
		cfg.Start = time.Now().Add(lead)
	}
	if cfg.Progress == nil {
		cfg.Progress = new(atomic.Int64)
	}
	r := &run{cfg: cfg, calls: make([]call, cfg.calls()), gap: float64(time.Second) / cfg.Rate}
	out := empty(len(r.calls), cfg.Duration)
	lookups := r.watchLookups(len(out.Slots), out.Slot)
	var all sync.WaitGroup
	for range min(cfg.Workers, len(r.calls)) {
		all.Go(func() { r.work(ctx) })
	}
	all.Wait()
	r.fill(out, time.Since(cfg.Start))
	for i, l := range lookups() {
		out.Slots[i].Lookups = l
	}
	return out, nil
}

// run is a Run under way.
type run struct {
	cfg      Config
	gap      float64 // between two calls, in nanoseconds
	next     atomic.Int64
	calls    []call // each is written by the worker that makes it
	problems problems
}

// call is what became of one call.
type call struct {
	latency, took, lag time.Duration
	state              state
}

type state uint8

const (
	notMade state = iota // or not ended when the run was
	succeeded
	failed
)

// due is when call i is due, from the start.
func (r *run) due(i int) time.Duration { return time.Duration(float64(i) * r.gap) }
