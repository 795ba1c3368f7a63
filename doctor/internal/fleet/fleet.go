// Package fleet is the doctor's group about the processes that share a Redis: which of them
// fetches a token, what the last one met, which credentials were refused, where the office is
// reached, and what is left of all that although nobody would leave it so.
//
// Nothing is written. What processes have put into Redis for each other is shown on one line, and
// cut; whoever can write to Redis may have put anything there.
//
// [Checks] may be called concurrently. See ARCHITECTURE.md for how the parts work together.
package fleet

import (
	"context"
	"fmt"
	"time"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/internal/rediskey"
	"github.com/advoware-go/advoware/store"
)

const group check.GroupName = "fleet"

// lasting bounds the group.
const lasting = 4500 * time.Millisecond

// Config says what is looked at.
type Config struct {
	// Link leads to Redis; nil means that none is used.
	Link *link.Link

	// Key is the token's.
	Key string

	// Credentials is gateway.Gateway.Credentials; "" if they are not known.
	Credentials string

	// Lifetime and Margins are those of the client; zeros mean the defaults.
	Lifetime time.Duration
	Margins  store.Margins

	// Pending returns how many writes of this process Redis has not taken yet; nil means none,
	// as the process has just been started.
	Pending func() int
}

// The names of the checks, in their order.
const (
	leased     = "lease"
	failed     = "last failure"
	refused    = "refused"
	discovery  = "discovery"
	pending    = "pending writes"
	helperKeys = "helper keys"
)

// Group returns the group.
func Group(cfg Config) check.Group {
	return group.Of(func(ctx context.Context) []check.Check { return Checks(ctx, cfg) })
}

// Checks returns the checks of the group, within five seconds.
func Checks(ctx context.Context, cfg Config) []check.Check {
	if cfg.Lifetime == 0 {
		cfg.Lifetime = store.DefaultLifetime
	}
	cfg.Margins = cfg.Margins.WithDefaults()
	ctx, cancel := context.WithTimeout(ctx, lasting)
	defer cancel()
	why := ""
	var k *kept
	if cfg.Link == nil {
		why = "no Redis is used: each process is alone"
	} else if _, err := cfg.Link.Reached(ctx); err != nil {
		why = "Redis was not reached"
	} else if k, err = read(ctx, cfg); err != nil {
		why = link.Of(err).Saw
	}
	if why != "" {
		all := []check.Check{group.Skipped(leased, why), group.Skipped(failed, why), group.Skipped(refused, why), group.Skipped(discovery, why)}
		return append(all, writes(cfg), group.Skipped(helperKeys, why))
	}
	all := []check.Check{k.lease(), k.failure(cfg)}
	all = append(all, k.refusals(cfg)...)
	return append(all, k.address(cfg), writes(cfg), k.lasting(cfg))
}

// writes says what this process still has to write.
func writes(cfg Config) check.Check {
	if cfg.Pending == nil {
		return group.Skipped(pending, "a process that has just been started has none")
	}
	if n := cfg.Pending(); n > 0 {
		return group.Warning(pending, fmt.Sprintf("%d keys have a token or a deletion that Redis has not taken yet", n), "none", "see the group Redis; they are written when it takes writes again")
	}
	return group.OK(pending, "none")
}

// lasting compares the TTLs of all keys with those that our processes set.
func (k *kept) lasting(cfg Config) check.Check {
	life := max(cfg.Lifetime, store.DefaultLifetime)
	var odd []string
	for _, one := range []struct {
		key  string
		is   value
		most time.Duration
	}{
		{rediskey.Metadata(cfg.Key), k.meta, life},
		{rediskey.Lock(cfg.Key), k.lock, longestLease},
		{rediskey.Failed(cfg.Key), k.failed, longestPause},
		{rediskey.Refused(cfg.Key), k.refused, longestPause},
		{addressKey(cfg.Key), k.note, life},
		{addressKey(cfg.Key) + ":asking", k.asking, longestMark},
		{addressKey(cfg.Key) + ":moved", k.moved, longestMark},
	} {
		switch name := link.Printable(one.key, maxText); {
		case one.is.ttl == noTTL:
			odd = append(odd, name+" has no TTL")
		case one.is.left() > one.most:
			odd = append(odd, fmt.Sprintf("%s lasts for %s, and %s at most from our processes", name, seconds(one.is.left()), seconds(one.most)))
		}
	}
	if len(odd) == 0 {
		return group.OK(helperKeys, "each has a TTL that our processes set")
	}
	return group.Warning(helperKeys, join(odd), "keys that our processes wrote", "another program has written them or their TTL: they count as nothing, and are replaced by what comes next; if they come back, find that program")
}

// seconds prints a duration in whole seconds, or in less than one.
func seconds(d time.Duration) string {
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// maxText bounds what is shown of a text, in bytes.
const maxText = 300
