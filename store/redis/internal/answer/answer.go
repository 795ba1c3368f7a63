// Package answer reads what acquire.lua returns (a token, a failure, a holder, or the lease), and INFO.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the package in context.
package answer

import (
	"errors"
	"time"

	"github.com/advoware-go/advoware/internal/handover"
	"github.com/advoware-go/advoware/store/lease"
)

// The kinds of failures that a holder leaves.
const (
	Refused = "refused" // or another Failure that is kept for all with the same credentials
	Outage  = "outage"
)

// ErrUnexpected is the error of an answer in another form.
var ErrUnexpected = errors.New("the script returned something unexpected")

// Answer is what acquire.lua returns.
type Answer []any

// Kind is its first element.
func (a Answer) Kind() string {
	kind, _ := a.text(0)
	return kind
}

func (a Answer) text(i int) (string, bool) {
	if i >= len(a) {
		return "", false
	}
	text, ok := a[i].(string)
	return text, ok
}

// Reason reads {'yours', reason}: what is wrong with the value under the token key, "" for nothing.
func (a Answer) Reason() string {
	what, _ := a.text(1)
	return what
}

// Holder reads {'held', holder, PTTL}, of which the PTTL is at most that long.
func (a Answer) Holder(most time.Duration) (string, time.Duration, error) {
	holder, _ := a.text(1)
	left, err := a.left(2, most)
	if holder == "" {
		err = ErrUnexpected
	}
	return holder, left, err
}

// Failure reads {'failed', PTTL, message} and {'refused', PTTL, message}, of which neither is
// longer than that.
func (a Answer) Failure(pause time.Duration, message int) (*lease.Failure, error) {
	left, err := a.left(1, pause)
	if err != nil {
		return nil, err
	}
	line, _ := a.text(2)
	f := handover.Failure(line, a.Kind() == Refused, message)
	f.Pause = left
	return &f, nil
}

// left reads a PTTL, which is at most that long.
func (a Answer) left(i int, most time.Duration) (time.Duration, error) {
	if i >= len(a) {
		return 0, ErrUnexpected
	}
	ms, ok := a[i].(int64)
	if !ok {
		return 0, ErrUnexpected
	}
	return time.Duration(min(ms, most.Milliseconds())) * time.Millisecond, nil
}
