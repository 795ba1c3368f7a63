// Package history records how the token requests of an account went, for its status.
//
// Nothing here is safe for concurrent use: the account has a lock. See package client/status
// for what is made of it.
package history

import (
	"strings"
	"time"

	"github.com/advoware-go/advoware/client/status"
	"github.com/advoware-go/advoware/store/lease"
)

// maxHolder limits the name of a process, which anybody can write into Redis, in any form.
const maxHolder = 64

// History is what has happened. The zero value is that nothing has.
type History struct {
	Fetched time.Time       // when a token request of this process last brought a token
	Failure *status.Failure // the last one, which is not changed any more; nil if there was none
	Lease   string          // who may request a token; "" if nobody does
}

// NoteFailure records a failure of this process, or of another one, and when the next attempt
// is due.
func (h *History) NoteFailure(f lease.Failure, next time.Time) {
	h.Failure = &status.Failure{At: time.Now(), Refused: f.Refused, Reason: f.Reason, NextAttempt: next}
}

// NoteLease records who may request a token.
func (h *History) NoteLease(holder string) {
	if len(holder) > maxHolder || strings.ContainsFunc(holder, func(r rune) bool { return r <= ' ' || r > '~' }) {
		holder = "another process"
	}
	h.Lease = holder
}
