package measure

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/internal/tokenerr"
	"github.com/advoware-go/advoware/store/lease"
)

// Token are the counters of a Source. The zero value is ready to use.
type Token struct {
	Fetches  atomic.Uint64 // token requests begun
	Failures atomic.Uint64 // of those, failed
	Rejects  atomic.Uint64 // tokens that the API refused

	// Lists, as most processes have one or two of each: a map would take a kilobyte for them.
	mu          sync.Mutex
	fetches     []fetched
	outcomes    []outcome
	leaseWaits  uint64
	leaseWaited time.Duration
}

// outcome counts the rejections, or the renewals, that ended in that way.
type outcome struct {
	rejection metric.Rejection
	renewal   metric.Renewal
	n         uint64
}

// fetched are the token requests that ended with an error of that type.
type fetched struct {
	kind string
	took metric.Distribution
}

// Fetched counts a token request that ended, and returns its error type. failed is what its
// error was classified as, nil without an error, or with one that says nothing of the gateway.
func (t *Token) Fetched(took time.Duration, failed *lease.Failure, err error) string {
	if failed != nil {
		t.Failures.Add(1)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	kind := fetchError(failed, err)
	i := t.of(kind)
	if i < 0 && len(t.fetches) >= maxErrorTypes { // the words are those of the program's own token.Errors
		kind = metric.ErrorOther
		i = t.of(kind)
	}
	if i < 0 {
		i = len(t.fetches)
		t.fetches = append(t.fetches, fetched{kind: kind})
	}
	t.fetches[i].took.Add(took.Seconds())
	return kind
}

// of returns the place of an error type, -1 if there is none.
func (t *Token) of(kind string) int {
	return slices.IndexFunc(t.fetches, func(f fetched) bool { return f.kind == kind })
}

const maxErrorTypes = 24

func fetchError(failed *lease.Failure, err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, tokenerr.ErrOvertaken):
		return metric.ErrorOvertaken
	case errors.Is(err, tokenerr.ErrSuspended):
		return metric.ErrorSuspended
	case failed == nil:
		return metric.ErrorClosed
	case isWord(failed.Reason):
		return failed.Reason
	case failed.Refused:
		return metric.ErrorRefused
	case tokenerr.TimedOut(err):
		return metric.ErrorTimeout
	}
	return metric.ErrorUnavailable
}

// isWord reports whether a reason is one as lease.Failure describes it.
func isWord(reason string) bool {
	return reason != "" && len(reason) <= 32 && !strings.ContainsFunc(reason, func(r rune) bool {
		return r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}

// Rejected counts a 401 by what was done about it.
func (t *Token) Rejected(what metric.Rejection) { t.ended(what, "") }

// Renewed counts a renewal by how it ended.
func (t *Token) Renewed(how metric.Renewal) { t.ended("", how) }

func (t *Token) ended(what metric.Rejection, how metric.Renewal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.outcomes, func(o outcome) bool { return o.rejection == what && o.renewal == how })
	if i < 0 {
		i = len(t.outcomes)
		t.outcomes = append(t.outcomes, outcome{rejection: what, renewal: how})
	}
	t.outcomes[i].n++
}

// RenewedInPassing counts a renewal by a call of a lazy Source, which has ended with err: another
// token, if there is no error, which was waited for or was there. While another process
// renews the token, and after a pause of this one, nothing has failed.
func (t *Token) RenewedInPassing(waited bool, err error) {
	switch {
	case errors.Is(err, tokenerr.ErrElsewhere), errors.Is(err, tokenerr.ErrSuspended):
	case err != nil:
		t.Renewed(metric.Failed)
	case waited:
		t.Renewed(metric.Renewed)
	default:
		t.Renewed(metric.RenewedByFar)
	}
}

// LeaseWait counts a wait for another process.
func (t *Token) LeaseWait(began time.Time) {
	took := time.Since(began)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leaseWaits++
	t.leaseWaited += took
}

// Load returns the counts so far.
func (t *Token) Load() metric.Token {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := metric.Token{LeaseWaits: t.leaseWaits, LeaseWaited: t.leaseWaited}
	for _, o := range t.outcomes {
		if o.rejection != "" {
			put(&n.Rejections, o.rejection, o.n)
		} else {
			put(&n.Renewals, o.renewal, o.n)
		}
	}
	for _, f := range t.fetches {
		put(&n.Fetches, f.kind, f.took)
	}
	return n
}

// put makes the map if need be: one without anything in it is nil.
func put[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = make(map[K]V)
	}
	(*m)[k] = v
}
