package check

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
)

// grace is how much longer than it may take a group is waited for.
const grace = 300 * time.Millisecond

// Interrupted is the Saw of a check that was skipped because ctx ended.
const Interrupted = "interrupted"

// progress is what a group has reported so far.
type progress struct {
	mu     sync.Mutex
	checks []Check
	over   bool // nothing more is taken
}

func (p *progress) end() []Check {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	return p.checks
}

// maxChecks is how many checks of one group are taken.
const maxChecks = 100

// Run runs groups side by side, and returns their checks in the order of the groups, at least one
// for each. A group is ended after a time, or by ctx; that it was is said in a check of its own,
// also if it does not look at its context, panics or ends its goroutine.
func Run(ctx context.Context, groups []Group, within time.Duration) []Check {
	inside, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	all := make([]progress, len(groups))
	ends := make([]<-chan bounded.Result[struct{}], len(groups))
	for i, g := range groups {
		p := &all[i]
		report := func(c Check) {
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.over || ctx.Err() != nil || len(p.checks) >= maxChecks {
				return
			}
			c.Group = g.Name
			p.checks = append(p.checks, c)
		}
		ends[i] = bounded.Go(func() (none struct{}, err error) {
			if inside.Err() == nil {
				g.Look(inside, report)
			}
			if ctx.Err() != nil || inside.Err() != nil { // ctx ends a moment before inside
				err = errNotEnded
			}
			return none, err
		})
	}
	late := make(chan struct{})
	context.AfterFunc(inside, func() { time.AfterFunc(grace, func() { close(late) }) })
	var found []Check
	for i, g := range groups {
		end := bounded.Result[struct{}]{Err: errNotEnded}
		select {
		case end = <-ends[i]:
		case <-late:
			select {
			case end = <-ends[i]:
			default:
			}
		}
		checks := all[i].end()
		found = append(found, checks...)
		if rest, ended := unfinished(ctx, end.Err, within); !ended || len(checks) == 0 {
			rest.Group = g.Name
			found = append(found, rest)
		}
	}
	return found
}

var errNotEnded = errors.New("check: the group was ended")

// unfinished says that a group did not end, and why.
func unfinished(ctx context.Context, err error, within time.Duration) (c Check, ended bool) {
	c.Name = "the rest"
	switch {
	case err == nil:
		c.Status, c.Saw = Skipped, "there is nothing to look at"
		return c, true
	case ctx.Err() != nil:
		c.Status, c.Saw = Skipped, Interrupted
	case errors.Is(err, errNotEnded):
		c.Status, c.Saw, c.Want = Failure, fmt.Sprintf("not ended within %v", within), "an end"
		c.Hint = "something hangs: see what is said of the other groups, and try again"
	default: // what it panicked with may be anything
		c.Status, c.Saw, c.Want, c.Hint = Failure, "the doctor made a mistake", "", "report it, with this output"
	}
	return c, false
}
