// Package record keeps what happened lately to the token of one office, in bounded memory:
// tokens, failed token requests, outages of Redis, refused tokens, and for each five minutes
// of a day how many calls there were and how long they took.
//
// Times are given by the caller; there is no clock in it. Everything here is safe for
// concurrent use. See ARCHITECTURE.md for the package in context.
package record

import (
	"sync"
	"time"

	"github.com/advoware-go/advoware/client/reason"
)

// Day is how far back is looked.
const Day = 24 * time.Hour

// Most is how many spans of each kind are kept: the oldest goes first.
const Most = 128

// near is how close two refused tokens are to be one span.
const near = 5 * time.Minute

// Span is something that lasted. One that is not over ends at the last instant at which it was
// known to last.
type Span struct {
	From, To time.Time
	Over     bool
	Count    int // token requests that failed, tokens that were refused; 0 for others

	// Of a token. Expiry is its end, which To may be before.
	Token  string // its fingerprint
	Expiry time.Time
	Origin Origin
	Took   time.Duration // the token request; 0 if it is not known

	// Of failed token requests.
	Refused bool // the credentials were
	Reason  reason.Reason
	Next    time.Time // the next attempt
}

// Origin is where a token came from.
type Origin uint8

// The origins.
const (
	Fetched Origin = iota // by a token request of this process, while there was no valid one
	Renewed               // likewise, while there was one
	Shared                // from the store that processes share
)

// Record is the record of one office. The zero value is empty.
type Record struct {
	calls, fetches latency

	mu     sync.Mutex
	since  time.Time // of the first entry
	spans  [kinds][]Span
	looked looked
	slots  slots
}

type kind int

const (
	tokens kind = iota
	failures
	redis
	rejections
	kinds
)

// last returns the last span of a kind, nil if there is none. It is called with the mutex held.
func (r *Record) last(k kind) *Span {
	if n := len(r.spans[k]); n > 0 {
		return &r.spans[k][n-1]
	}
	return nil
}

// add adds a span. It is called with the mutex held.
func (r *Record) add(k kind, s Span) {
	all := r.spans[k]
	if len(all) == Most {
		copy(all, all[1:])
		all = all[:Most-1]
	}
	r.spans[k] = append(all, s)
}

// begin notes when the first entry was made. It is called with the mutex held.
func (r *Record) begin(at time.Time) {
	if r.since.IsZero() {
		r.since = at
	}
}

// Call records how long a call took.
func (r *Record) Call(took time.Duration) { r.calls.add(took) }

// Calls returns how long all calls took, by buckets and in all, in seconds.
func (r *Record) Calls(bounds []float64) (counts []uint64, sum float64) {
	h := r.calls.all()
	return h.Counts(bounds), h.Sum.Seconds()
}

// Fetch records how long a token request took that brought a token.
func (r *Record) Fetch(took time.Duration) { r.fetches.add(took) }

// Token records that a token came into use. One that is in use already is the same span; a
// token request that took some time is noted there.
func (r *Record) Token(at time.Time, fingerprint string, expiry time.Time, from Origin, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begin(at)
	s := r.last(tokens)
	if s != nil && s.Token == fingerprint {
		s.Took = max(s.Took, took)
		if took > 0 && s.Origin == Shared {
			s.Origin = from
		}
		return
	}
	if s != nil && s.To.After(at) {
		s.To = at
		if from == Fetched {
			from = Renewed
		}
	}
	if f := r.last(failures); f != nil && !f.Over {
		f.Over, f.To = true, at
	}
	r.add(tokens, Span{From: at, To: expiry, Token: fingerprint, Expiry: expiry, Origin: from, Took: took})
}

// Failure records a token request that failed. The same one may be reported twice.
func (r *Record) Failure(at time.Time, refused bool, why reason.Reason, next time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begin(at)
	s := r.last(failures)
	if s != nil && (!at.After(s.To) || !next.IsZero() && next.Equal(s.Next)) {
		return
	}
	if s != nil && !s.Over && s.Refused == refused && s.Reason == why {
		s.To, s.Next = at, next
		s.Count++
		return
	}
	if s != nil && !s.Over {
		s.Over, s.To = true, at
	}
	r.add(failures, Span{From: at, To: at, Count: 1, Refused: refused, Reason: why, Next: next})
}

// Rejected records that the API refused a token.
func (r *Record) Rejected(at time.Time, fingerprint string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begin(at)
	if s := r.last(tokens); s != nil && s.Token == fingerprint && s.To.After(at) {
		s.To, s.Over = at, true
	}
	if s := r.last(rejections); s != nil && at.Sub(s.To) < near {
		s.To = at
		s.Count++
		return
	}
	r.add(rejections, Span{From: at, To: at, Over: true, Count: 1})
}
