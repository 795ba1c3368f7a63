// Package measure counts what package metric shows, at no cost to a hit.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the package in context.
package measure

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/internal/counter"
	"github.com/advoware-go/advoware/internal/tokenerr"
)

// Calls are the counters of a Transport. Each call makes one lookup. Those of redirects and
// retries are counted in More as well, because they are rare: the number of calls is the
// difference. The zero value is ready to use.
type Calls struct {
	hits         counter.Counter // in the near store
	more         atomic.Uint64
	unauthorized atomic.Uint64

	found  [len(origins)][2]atomic.Uint64 // lookups by origin, and whether they waited; but for hits
	failed [len(failures)]atomic.Uint64

	spared, contradicted, second atomic.Uint64
}

// origins are as token.Origin counts them.
var origins = [...]string{"near", "far", "fetched"}

var failures = [...]string{
	metric.ErrorCanceled, metric.ErrorTimeout, metric.ErrorRefused, metric.ErrorUnavailable, metric.ErrorStore, metric.ErrorOther,
}

// Hit counts a lookup that the near store answered.
func (c *Calls) Hit() { c.hits.Inc() }

// Lookup counts a lookup: the token.Origin of what it found, whether it waited for a token
// request, whether it waited for a far store, and how it failed.
func (c *Calls) Lookup(origin int, waited, far bool, err error) {
	if err == nil && origin == 0 && !waited && !far {
		c.Hit()
		return
	}
	c.other(origin, waited, far, err)
}

func (c *Calls) other(origin int, waited, far bool, err error) {
	if err != nil {
		c.failed[slices.Index(failures[:], failure(err))].Add(1)
		return
	}
	if origin == 0 && far { // there is no near store
		origin = 1
	}
	w := 0
	if waited {
		w = 1
	}
	c.found[min(origin, len(origins)-1)][w].Add(1)
}

func failure(err error) string {
	failed, ok := errors.AsType[interface { // a token.FetchError, which is a net.Error
		error
		Timeout() bool
		Temporary() bool
	}](err)
	switch {
	case errors.Is(err, tokenerr.ErrStore):
		return metric.ErrorStore
	case errors.Is(err, context.Canceled):
		return metric.ErrorCanceled
	case errors.Is(err, context.DeadlineExceeded):
		return metric.ErrorTimeout
	case ok && !failed.Temporary():
		return metric.ErrorRefused
	case ok:
		return metric.ErrorUnavailable
	}
	return metric.ErrorOther
}

// More says that a lookup was not that of a new call.
func (c *Calls) More() { c.more.Add(1) }

// Unauthorized counts a 401.
func (c *Calls) Unauthorized() { c.unauthorized.Add(1) }

// Spared counts a 401 that says nothing against the token; Contradicted one that the API took
// back when it was asked again; Second that of a second attempt.
func (c *Calls) Spared()       { c.spared.Add(1) }
func (c *Calls) Contradicted() { c.contradicted.Add(1) }
func (c *Calls) Second()       { c.second.Add(1) }

// Load returns the counts so far, how many lookups did not wait for a token request, and how
// many did, or failed.
func (c *Calls) Load() (n metric.Calls, hits, waits uint64) {
	more := c.more.Load() // before the lookups that they are part of
	add := func(origin, outcome, failure string, count uint64) {
		n.Lookups = append(n.Lookups, metric.Lookup{Origin: origin, Outcome: outcome, ErrorType: failure, Count: count})
	}
	for o, origin := range origins {
		hit, waited := c.found[o][0].Load(), c.found[o][1].Load()
		if o == 0 {
			hit += c.hits.Load()
		}
		hits, waits = hits+hit, waits+waited
		add(origin, "hit", "", hit)
		add(origin, "waited", "", waited)
	}
	for i, failure := range failures {
		count := c.failed[i].Load()
		waits += count
		add("none", "failed", failure, count)
	}
	n.Calls = hits + waits - min(more, hits+waits)
	n.Unauthorized = c.unauthorized.Load()
	n.Rejections = map[metric.Rejection]uint64{
		metric.Spared: c.spared.Load(), metric.Contradicted: c.contradicted.Load(), metric.Second: c.second.Load(),
	}
	return n, hits, waits
}
