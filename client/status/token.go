// Package status says how a client is: its token, its Redis, where its office is reached.
// [Handler] serves that to monitoring.
//
// Nothing in it is secret: tokens are named by their fingerprints.
//
// See ARCHITECTURE.md for the states.
package status

import "time"

// State is what the next call meets. ARCHITECTURE.md has what happens in each.
type State string

// The states of a Source.
const (
	Empty  State = "empty"  // there is no valid token: a call waits until there is one
	Fresh  State = "fresh"  // there is one
	Due    State = "due"    // there is one, and the instant of its renewal has come
	Failed State = "failed" // there is none, and it is too early for another attempt
	Closed State = "closed"
)

// Token is what a Source knows of its token at one instant.
type Token struct {
	State       State     `json:"state"`
	Fingerprint string    `json:"token,omitempty"`   // of the valid token, "" if there is none
	Expiry      time.Time `json:"expiry,omitzero"`   // from when on it is not used any more
	Renewal     time.Time `json:"renewal,omitzero"`  // when it is renewed if it is used until then; zero if that is not planned
	Fetched     time.Time `json:"fetched,omitzero"`  // when the last token request of this process brought a token; zero if none has
	Failure     *Failure  `json:"failure,omitempty"` // the last one, also if it is over; nil if there was none

	// Lease is who may request a token now, as far as this process knows: "self", the name of
	// another process, or "" if nobody does or there is no lease.
	Lease string `json:"lease,omitempty"`
}

// Failure is a token request that failed, of this process or of another one with the same
// credentials.
type Failure struct {
	At          time.Time `json:"at"`
	Refused     bool      `json:"refused"`               // the credentials were
	Reason      string    `json:"reason,omitempty"`      // a word of package reason; "" if it is not known
	NextAttempt time.Time `json:"next_attempt,omitzero"` // zero if no call has to wait for it
}
