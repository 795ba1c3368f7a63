package metric

import (
	"time"

	"github.com/advoware-go/advoware/client/status"
)

// Snapshot is what a client has done since it was made, and how it is: what Client.Metrics
// returns. Its parts are read one after the other, so they are not quite of one instant.
type Snapshot struct {
	At     time.Time
	Status status.Client
	Calls  Calls
	Token  Token
	Stores Stores
}

// Calls counts what a client's transport did.
type Calls struct {
	Calls        uint64 // redirects and retries not counted again
	Unauthorized uint64 // answers of the API with status 401
	Lookups      []Lookup
	Rejections   map[Rejection]uint64 // 401s that did not get as far as Token.Rejections
}

// Lookup counts the token lookups of one kind. Each call makes one, and so does each
// redirect and each second attempt.
type Lookup struct {
	Origin    string // see LookupOrigin
	Outcome   string // see LookupOutcome
	ErrorType string // "" unless it failed
	Count     uint64
}

// Token counts what a token.Source did. What Sources that share a Fetcher do for each other
// is counted by the one that does it.
type Token struct {
	Fetches    map[string]Distribution // token requests that ended, by error type; "" for those that brought a token
	Rejections map[Rejection]uint64
	Renewals   map[Renewal]uint64

	LeaseWaits  uint64 // token requests of other processes that were waited for
	LeaseWaited time.Duration
}

// Stores counts what the stores of a client did, for all clients that share them.
type Stores struct {
	Near, Far bool // there is one whose figures are known

	NearTokens   int    // in the near store now
	NearEvicted  uint64 // tokens evicted for that of another key
	NearRejected uint64 // tokens of new keys that were not admitted

	FarErrors uint64 // failed operations, unusable tokens included
	Pushes    uint64 // changes by others that the server reported
}

// Rejection says what was done about a 401.
type Rejection string

// The values of a Rejection.
const (
	Dropped         Rejection = "dropped"          // the token was removed, and another one is looked up
	Repeated        Rejection = "repeated"         // an earlier 401 had removed it
	Late            Rejection = "late"             // another token had taken its place: ignored
	Adopted         Rejection = "adopted"          // another process had stored a token, which took its place
	BudgetExhausted Rejection = "budget_exhausted" // kept: new tokens did not help lately
	Kept            Rejection = "kept"             // kept: no other token is to be had now
	Spared          Rejection = "spared"           // kept: the answer says that the token was not the reason
	Contradicted    Rejection = "contradicted"     // kept: the API took it when it was asked again
	Second          Rejection = "second"           // kept: it was the second attempt of a call
	StoreFailed     Rejection = "store_failed"     // the store could not be read or written
)

// Renewal says how the renewal of a token ended.
type Renewal string

// The values of a Renewal.
const (
	Renewed      Renewal = "renewed" // a token request brought another one, here or in another process that was waited for
	RenewedByFar Renewal = "adopted" // another process had stored another one before it was due
	Failed       Renewal = "failed"  // the old one goes on to serve; it is tried again
	Lapsed       Renewal = "lapsed"  // it was not used since the last one, so it was left to its end
)

// Values of error.type, besides the words of package reason.
const (
	ErrorTimeout     = "timeout"     // a lookup or a token request ran out of time
	ErrorCanceled    = "canceled"    // the caller left
	ErrorRefused     = "refused"     // the gateway refused the credentials
	ErrorUnavailable = "unavailable" // the gateway could not answer, or an attempt is not due yet
	ErrorOvertaken   = "overtaken"   // another process was faster
	ErrorStore       = "store"       // the store could not be read
	ErrorSuspended   = "suspended"   // the process, or its machine, was suspended meanwhile
	ErrorClosed      = "closed"      // the client was closed meanwhile
	ErrorOther       = "_OTHER"
)
