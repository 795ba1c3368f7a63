package record

import (
	"time"

	"github.com/advoware-go/advoware/store"
)

// Life is how long tokens live.
type Life struct {
	Longest time.Duration // of a token, from the moment it is asked for
	Margins store.Margins
}

func (l Life) longest() time.Duration { return l.Margins.Life(l.Longest) }
func (l Life) shared() time.Duration  { return l.Margins.SharedLife(l.Longest) }

const (
	// The form of Python's datetime.isoformat() for a naive UTC time: microseconds,
	// or no fraction at all when they are zero.
	isoSeconds = "2006-01-02T15:04:05"
	isoMicros  = isoSeconds + ".000000"

	MaxTimestamp = 64 // bytes worth reading

	// writtenWithin is how long after a token its timestamp is written at most.
	writtenWithin = 2 * time.Second
)

// Format is how a timestamp is written.
func Format(t time.Time) string {
	if t = t.UTC().Truncate(time.Microsecond); t.Nanosecond() == 0 {
		return t.Format(isoSeconds)
	}
	return t.Format(isoMicros)
}

// IssuedAt returns the instant in a timestamp key, zero if it does not belong to a token with
// this TTL, and how long the token lasts from now on at most. The two keys are written one
// after the other, so that one may be older or newer than the other.
//
// Two that belong together were written with a TTL of the full shared life. The age of the
// token and the rest of its TTL add up to that, within Margin for the fetch and for the
// clocks of two machines. Both keys end at the same time, if the timestamp has a TTL. If the
// TTL of the token is longer than any that is written with a timestamp, the timestamp is
// only a lower bound for the age of the token.
func IssuedAt(stamp string, now time.Time, ttl, stampTTL time.Duration, life Life) (time.Time, time.Duration) {
	longest := life.longest()
	t, err := time.Parse(isoSeconds, stamp) // takes any fraction
	if err != nil {
		return time.Time{}, longest
	}
	age := now.Sub(t)
	switch {
	case ttl > life.shared()+life.Margins.Margin:
		return time.Time{}, longest - max(age, 0)
	case (age + ttl - life.shared()).Abs() > life.Margins.Margin, stampTTL >= 0 && (stampTTL-ttl).Abs() > writtenWithin:
		return time.Time{}, longest
	}
	return earlier(t, now), longest - max(age, 0)
}
