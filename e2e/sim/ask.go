package sim

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/pacing"
	"github.com/advoware-go/advoware/store"
)

const (
	// soon is within what a call has an answer in any case: the wait for others, two token
	// requests, and all that once more after a 401.
	soon = 2 * (waiting + 2*fetchTimeout)

	// waiting is how long other processes are waited for.
	waiting = 10 * time.Second

	// atOnce is what the yield points of a hit take at most.
	atOnce = 20 * time.Millisecond

	// closing is within what a process has ended: a write to Redis is waited for, and what it
	// does in the background.
	closing = 12 * time.Second

	// agreement is when the fleet is one again after the last fault.
	agreement = 10 * time.Second

	// longLived is how long a token lasts that is not renewed soon.
	longLived = 45 * time.Minute

	// unpushed is within what a change is noticed that Redis does not push.
	unpushed = 57 * time.Second
)

// askKeys asks that all that the fleet wrote has an end.
func (w *world) askKeys() {
	for _, n := range []int{0, db} {
		for key, v := range w.redis.Keys(n) {
			if v.TTL == -1 && v.By != stranger {
				w.fail("every_key_has_a_ttl: %s of process %d", key, v.By)
			}
		}
	}
}

// never is when something ends that has not ended yet.
var never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// askCall asks how a call has ended.
func (w *world) askCall(p *process, c *call, status int, err error) {
	took := time.Since(c.began)
	if p.wasStopped(c.began) {
		return
	}
	// A token that is there serves at once, whatever Redis does.
	if c.sent == 1 && c.bearer == c.had && status == http.StatusNotFound && took > atOnce {
		w.fail("valid_token_serves_at_once: process %d had %s, and the call took %v", p.number, short(c.had), took)
	}
	most := soon
	w.mu.Lock()
	upset := w.upset.Add(pacing.MaxRetryAfter)
	w.mu.Unlock()
	if upset.Before(c.began) {
		most = time.Duration(max(1, c.sent)) * (waiting + w.plan.Latency + time.Second)
	}
	if took > most {
		w.fail("bounded_waits: a call of process %d took %v: %v", p.number, took, err)
	}
}

// converge waits until the fleet is one again, and asks that this is soon.
func (w *world) converge() {
	healed := time.Now()
	calm := agreement
	if w.underWay { // until these requests have failed, and others have come in their place
		calm += fetchTimeout + w.plan.Latency
	}
	time.Sleep(max(calm, time.Until(w.swapped.Add(unpushed))))
	for _, p := range w.processes {
		w.reaches(p)
	}
	time.Sleep(time.Second)
	for _, p := range w.processes {
		w.reaches(p)
	}
	far := w.redis.Keys(db)[tokenKey]
	for _, p := range w.processes {
		near, err := p.near.Get(context.Background(), tokenKey)
		if err != nil || near.Reveal() != far.Text {
			w.fail("near_and_far_agree_in_the_end: %v after the last fault process %d has %s (%v), Redis %s",
				time.Since(healed), p.number, short(near.Reveal()), err, short(far.Text))
		}
	}
}

// reaches makes a call, which must succeed, if need be after the pause that the process
// knows of.
func (w *world) reaches(p *process) {
	for try := 0; ; try++ {
		status, err := w.once(p)
		failed, is := errors.AsType[*token.FetchError](err)
		switch {
		case status == http.StatusNotFound: // with a bearer that is right
			return
		case is && try < 3:
			w.allow(1)
			time.Sleep(time.Until(failed.NextAttempt) + time.Millisecond)
		case status == http.StatusUnauthorized && try < 3 && w.failedWithin(pacing.MaxRetryAfter+time.Minute):
			// There is no other token yet, because it is too early to ask for one.
			w.allow(1)
			time.Sleep(time.Minute + time.Second)
		default:
			w.fail("convergence: after the last fault a call of process %d ends with %d, %v", p.number, status, err)
			return
		}
	}
}

// quiet asks that a fleet to which nothing happens makes no token requests, and that there
// were not more than what happened justifies.
func (w *world) quiet() {
	w.mu.Lock()
	before := w.requests
	w.mu.Unlock()
	due := false // a renewal may be, in a while
	for _, p := range w.processes {
		near, _ := p.near.Get(context.Background(), tokenKey)
		due = due || store.Remaining(time.Now(), near.Expiry()) < longLived
	}
	for range 6 {
		time.Sleep(5 * time.Second)
		for _, p := range w.processes {
			w.reaches(p)
		}
	}
	w.askKeys()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.requests > before && !due {
		w.failLocked("bounded_requests: %d more although nothing happened", w.requests-before)
	}
	if made := w.requests - w.failures; made > w.allowed {
		w.failLocked("bounded_requests: %d tokens, %d are justified", made, w.allowed)
	}
	if most := w.allowed + w.plan.Processes*int(time.Since(w.began)/time.Second); w.failures > most {
		w.failLocked("bounded_requests: %d have failed, at most %d may", w.failures, most)
	}
}

// failedWithin reports whether the gateway has refused or failed lately.
func (w *world) failedWithin(d time.Duration) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Since(w.failed) < d
}
