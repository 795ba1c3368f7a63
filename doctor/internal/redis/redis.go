// Package redis is the doctor's group about the Redis of a configuration: whether and how fast
// it answers, what it is, what its settings do to a token, what its user may do, and whether
// its pushes arrive.
//
// Nothing that programs use is written. One key is, to measure a push: its name ends in a random
// word, and it lasts for seconds. What the user may do is asked by a script that does nothing,
// or, where the server cannot say, by commands that cannot have an effect.
//
// [Checks] may be called concurrently. See ARCHITECTURE.md for how the parts work together.
package redis

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/internal/bounded"
)

const group check.GroupName = "Redis"

// lasting and grace bound the group.
const (
	lasting = 4500 * time.Millisecond
	grace   = 250 * time.Millisecond
)

// Config says what is looked at.
type Config struct {
	// Link leads to Redis; nil means that none is used.
	Link *link.Link

	// Key is the token's.
	Key string

	// Unasked says that nothing is configured about Redis. Then it is no failure that none
	// listens where one would be by default: a client does without.
	Unasked bool

	// Identity is gateway.Gateway.Identity of whose token it is; "" if that is not known.
	Identity string
}

// The names of the checks, in their order.
const (
	reach       = "reach"
	roundTrip   = "round trip"
	transport   = "transport"
	certificate = "certificates"
	version     = "version"
	role        = "role"
	database    = "database"
	eviction    = "eviction policy"
	persistence = "persistence"
	rights      = "rights"
	pushes      = "pushes"
	identity    = "identity"
)

// Group returns the group.
func Group(cfg Config) check.Group {
	return check.Group{Name: string(group), Look: func(ctx context.Context, report func(check.Check)) { look(ctx, cfg, report) }}
}

// Checks returns the checks of the group, within five seconds. There is one for each thing,
// also if Redis does not answer, or ctx ends.
func Checks(ctx context.Context, cfg Config) []check.Check {
	var found []check.Check
	look(ctx, cfg, func(c check.Check) { found = append(found, c) })
	return found
}

// look reports each check when it and those before it have ended.
func look(ctx context.Context, cfg Config, report func(check.Check)) {
	if cfg.Link == nil {
		report(group.Skipped(reach, "no Redis is used: tokens are kept in this process alone"))
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lasting)
	defer cancel()
	first := reached(ctx, cfg)
	report(first)
	if first.Status != check.OK {
		for _, c := range unreached(cfg) {
			report(c)
		}
		return
	}
	for _, c := range roundTrips(ctx, cfg) {
		report(c)
	}
	var parts []<-chan bounded.Result[[]check.Check]
	for _, part := range []func(context.Context, Config) []check.Check{peer, server, allowed, pushed, owner} {
		parts = append(parts, bounded.Go(func() ([]check.Check, error) { return part(ctx, cfg), nil }))
	}
	for _, part := range parts {
		select {
		case r := <-part:
			for _, c := range r.Value {
				report(c)
			}
		case <-late(ctx):
			return // something hangs that does not look at ctx, a file system for one
		}
	}
}

// late is closed a little after the end of ctx, by which the parts should have noticed it.
func late(ctx context.Context) <-chan struct{} {
	over := make(chan struct{})
	context.AfterFunc(ctx, func() { time.AfterFunc(grace, func() { close(over) }) })
	return over
}

// unreached are the checks of a Redis that does not answer.
func unreached(cfg Config) []check.Check {
	found := []check.Check{group.Skipped(roundTrip, silent)}
	if plain, said := plainly(cfg); said {
		found = append(found, plain)
	} else {
		found = append(found, group.Skipped(transport, silent))
	}
	for _, name := range []string{certificate, version, role, database, eviction, persistence, rights, pushes, identity} {
		found = append(found, group.Skipped(name, silent))
	}
	return found
}

const silent = "Redis was not reached"
