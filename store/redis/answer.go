package redis

import (
	"time"

	"github.com/advoware-go/advoware/internal/handover"
	"github.com/advoware-go/advoware/store/lease"
)

const (
	kindRefused = "refused" // or another Failure that is kept for all with the same credentials
	kindOutage  = "outage"
)

// answer is what acquire.lua returns.
type answer []any

// kind is its first element.
func (a answer) kind() string {
	kind, _ := a.text(0)
	return kind
}

func (a answer) text(i int) (string, bool) {
	if i >= len(a) {
		return "", false
	}
	text, ok := a[i].(string)
	return text, ok
}

// reason reads {'yours', reason}: what is wrong with the value under the token key. It is
// false if there is none.
func (a answer) reason() (reason, bool) {
	what, _ := a.text(1)
	f, found := map[string]reason{
		"wrong type": wrongType, "no TTL": noTTL, "ended": ended, "empty": empty, "too long": tooLong, "bad bytes": badBytes,
	}[what]
	return f, found
}

// holder reads {'held', holder, PTTL}.
func (a answer) holder() (string, time.Duration, error) {
	holder, _ := a.text(1)
	left, err := a.left(2, maxLeaseTTL)
	if holder == "" {
		err = errReply
	}
	return holder, left, err
}

// failure reads {'failed', PTTL, message} and {'refused', PTTL, message}.
func (a answer) failure() (*lease.Failure, error) {
	left, err := a.left(1, maxPause)
	if err != nil {
		return nil, err
	}
	line, _ := a.text(2)
	f := handover.Failure(line, a.kind() == kindRefused, maxMessage)
	f.Pause = left
	return &f, nil
}

// left reads a PTTL, which is at most that long.
func (a answer) left(i int, most time.Duration) (time.Duration, error) {
	if i >= len(a) {
		return 0, errReply
	}
	ms, ok := a[i].(int64)
	if !ok {
		return 0, errReply
	}
	return time.Duration(min(ms, most.Milliseconds())) * time.Millisecond, nil
}
