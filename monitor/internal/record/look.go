package record

import (
	"time"

	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/client/status"
)

// looked is what the last look has shown.
type looked struct {
	at           time.Time
	calls, waits uint64
	lookups      uint64
	redisKnown   bool
	redisUp      bool
	redisSince   time.Time
}

// Seen is what a look shows of a client.
type Seen struct {
	Status                status.Client
	Calls, Lookups, Waits uint64 // since the client was made
}

// Look records what the status of a client says: what hooks did not tell of, since
// there are none or another process did it, and Redis.
func (r *Record) Look(at time.Time, s Seen) {
	st := s.Status
	if f := st.Failure; f != nil {
		if tok := r.LastToken(); !tok.From.After(f.At) || st.Fingerprint == "" {
			r.Failure(f.At, f.Refused, reason.Parse(f.Reason), f.NextAttempt)
		}
	}
	if st.Fingerprint != "" {
		from, since := Shared, at
		if !st.Fetched.IsZero() && st.Fetched.After(r.LastToken().From) {
			from, since = Fetched, st.Fetched
		}
		r.Token(since, st.Fingerprint, st.Expiry, from, 0)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begin(at)
	if st.Redis != nil {
		r.lookAtRedis(*st.Redis)
	}
	r.slots.add(at, since(r.looked.calls, s.Calls), since(r.looked.lookups, s.Lookups), since(r.looked.waits, s.Waits), &r.calls)
	r.looked.at, r.looked.calls, r.looked.lookups, r.looked.waits = at, s.Calls, s.Lookups, s.Waits
}

// since returns how much a counter has grown, which may have begun anew.
func since(before, now uint64) uint32 {
	if now < before {
		before = 0
	}
	return uint32(min(now-before, 1<<32-1))
}

// lookAtRedis is called with the mutex held. Since tells of an outage that began and ended
// between two looks, too: only its begin is not known.
func (r *Record) lookAtRedis(now status.Redis) {
	if now.Since.IsZero() {
		return
	}
	was := r.looked
	r.looked.redisKnown, r.looked.redisUp, r.looked.redisSince = true, now.Up, now.Since
	changed := !was.redisKnown || !now.Since.Equal(was.redisSince)
	open := r.last(redis)
	if open != nil && open.Over {
		open = nil
	}
	switch {
	case open != nil && (now.Up || changed):
		open.Over, open.To = true, now.Since
	case now.Up && changed && was.redisKnown:
		r.add(redis, Span{From: was.at, To: now.Since, Over: true})
	}
	if !now.Up && changed {
		r.add(redis, Span{From: now.Since, To: now.Since})
	}
}

// LastToken returns the token that came into use last.
func (r *Record) LastToken() Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.last(tokens); s != nil {
		return *s
	}
	return Span{}
}
