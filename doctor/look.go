package doctor

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/internal/bounded"
)

const (
	// within is how long the groups have, all side by side.
	within = 9 * time.Second
	// grace is how much longer a group is waited for, to say what it could not end.
	grace = 300 * time.Millisecond
)

// progress is what a group has reported so far.
type progress struct {
	mu     sync.Mutex
	checks []check.Check
	over   bool // nothing more is taken
}

func (p *progress) end() []check.Check {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	return p.checks
}

// maxChecks is how many checks of one group are taken.
const maxChecks = 100

// look runs groups side by side, and returns their checks in the order of the groups. Each is
// ended after a time, or by ctx; what it had not ended is said in a check of its own.
func look(ctx context.Context, groups []check.Group, within time.Duration) []check.Check {
	inside, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	all := make([]progress, len(groups))
	ends := make([]<-chan bounded.Result[struct{}], len(groups))
	for i, g := range groups {
		p := &all[i]
		report := func(c check.Check) {
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
			if inside.Err() != nil {
				err = errNotEnded
			}
			return none, err
		})
	}
	late := make(chan struct{})
	context.AfterFunc(inside, func() { time.AfterFunc(grace, func() { close(late) }) })
	var found []check.Check
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
		found = append(found, all[i].end()...)
		if rest := unfinished(ctx, end.Err, within); rest.Status != "" {
			rest.Group = g.Name
			found = append(found, rest)
		}
	}
	return found
}

var errNotEnded = errors.New("doctor: the group was ended")

// unfinished says that a group did not end, and why.
func unfinished(ctx context.Context, err error, within time.Duration) check.Check {
	c := check.Check{Name: "the rest"}
	switch {
	case err == nil:
		return check.Check{}
	case ctx.Err() != nil:
		c.Status, c.Saw = check.Skipped, interrupted
	case errors.Is(err, errNotEnded):
		c.Status, c.Saw, c.Want = check.Failure, fmt.Sprintf("not ended within %v", within), "an end"
		c.Hint = "something hangs: see what is said of the other groups, and try again"
	default: // what it panicked with may be anything
		c.Status, c.Saw, c.Want, c.Hint = check.Failure, "the doctor made a mistake", "", "report it, with this output"
	}
	return c
}
