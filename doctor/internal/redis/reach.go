package redis

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/store/redis/dial"
)

const (
	// aCall is how long a call of the library waits for Redis in total.
	aCall = 250 * time.Millisecond
	// trips is how many round trips a call makes that finds no token: the lease, the token
	// that is written, the address of the office.
	trips   = 3
	pings   = 7
	pinging = time.Second // for which PINGs are sent
)

// reached waits for the first answer.
func reached(ctx context.Context, cfg Config) check.Check {
	took, err := cfg.Link.Reached(ctx)
	at := where(cfg.Link)
	switch {
	case errors.Is(err, context.Canceled):
		return group.Skipped(reach, "interrupted before "+at+" answered")
	case err != nil:
		t := link.Of(err)
		if cfg.Unasked && strings.Contains(t.Saw, "refused") {
			return group.Warning(reach, at+", the default, is not there: "+t.Saw, "a Redis, if there are several processes or restarts",
				"start one, or set REDIS_URL or REDIS_HOST: without it each process fetches a token of its own, and everything else works; a program that needs none takes the memory store")
		}
		return group.Failure(reach, at+": "+t.Saw, t.Want, t.Hint)
	}
	return group.OK(reach, fmt.Sprintf("%s answers %s after the first step to connect", at, short(took)))
}

// roundTrips measures how long an answer takes on a connection that there is, while nothing else
// is asked.
func roundTrips(ctx context.Context, cfg Config) []check.Check {
	var took []time.Duration
	for first := time.Now(); len(took) == 0 || len(took) < pings && time.Since(first) < pinging; {
		began := time.Now()
		_, err := link.Do(ctx, cfg.Link, func(ctx context.Context, client goredis.UniversalClient) (string, error) {
			return client.Ping(ctx).Result()
		})
		if err != nil && !link.Denied(err) { // a denial is an answer
			t := link.Of(err)
			return []check.Check{group.Failure(roundTrip, fmt.Sprintf("PING %d: %s", len(took)+1, t.Saw), "an answer within "+aCall.String(), t.Hint)}
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	median, worst := took[len(took)/2], took[len(took)-1]
	saw := fmt.Sprintf("median %s, worst %s of %d", short(median), short(worst), len(took))
	want := "a median under " + (aCall / trips).Round(time.Millisecond).String() + ", as a call waits for Redis " + aCall.String() + " at most, and may need three round trips"
	switch {
	case median >= aCall:
		return []check.Check{group.Failure(roundTrip, saw, want, "use a Redis that is nearer: no call waits long enough for this one, and each process fetches tokens for itself")}
	case median >= aCall/trips:
		return []check.Check{group.Warning(roundTrip, saw, want, "use a Redis that is nearer: a call that needs a token goes on without it before it has all it asks for")}
	case worst >= aCall:
		return []check.Check{group.Warning(roundTrip, saw, "a worst one under "+aCall.String(), "look for what holds it up at times: long commands (SLOWLOG GET), its disk, a busy host, the network")}
	}
	return []check.Check{group.OK(roundTrip, saw)}
}

// where names the Redis that is configured, without a login.
func where(l *link.Link) string {
	cfg := l.Redis()
	switch {
	case cfg.Client != nil:
		return "Redis, by the client of the caller,"
	case cfg.URL.IsZero() && strings.HasPrefix(cfg.Host, "/"):
		return "Redis at " + link.Printable(cfg.Host, maxAddress)
	case cfg.URL.IsZero():
		return link.Printable(fmt.Sprintf("Redis at %s:%d", cfg.Host, cfg.Port), maxAddress)
	}
	const unnamed = "the Redis of REDIS_URL"
	u, err := url.Parse(strings.TrimSpace(cfg.URL.Reveal()))
	if err != nil {
		return unnamed
	}
	// An @ here is most likely after a password with a special character, which has ended the
	// user part of the URL too early: then the host is a part of the password.
	rest, err := url.QueryUnescape(u.Path + u.RawQuery + u.Fragment)
	if err != nil || strings.Contains(rest+u.RawQuery+u.Fragment, "@") {
		return unnamed
	}
	all := append([]string{u.Host}, u.Query()["addr"]...)
	slices.Sort(all[1:])
	hosts := strings.Join(slices.Compact(all), ", ") // one that is alone is named twice
	switch q := u.Query(); {
	case u.Scheme == "unix":
		return link.Printable("Redis at "+u.Path, maxAddress)
	case q.Has("master_name"):
		return link.Printable("the master "+q.Get("master_name")+" of the sentinels "+hosts, maxAddress)
	case q.Has("addr"):
		return link.Printable("the Cluster of "+hosts, maxAddress)
	}
	return link.Printable("Redis at "+hosts, maxAddress)
}

const maxAddress = 300 // bytes

// withTLS reports whether a configuration says TLS.
func withTLS(cfg dial.Config) bool {
	return cfg.TLS || cfg.TLSConfig != nil || strings.HasPrefix(strings.ToLower(strings.TrimSpace(cfg.URL.Reveal())), "rediss:")
}

// short prints a duration as far as it matters.
func short(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return d.Round(time.Microsecond).String()
	case d < 100*time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Millisecond).String()
}
