package health

import (
	"time"

	"github.com/advoware-go/advoware/client/status"
)

// Far is what a process knows of the far store of a client, without asking it.
type Far struct {
	Condition
	Margin        time.Duration // how long before its Expiry the far store forgets a token
	PendingWrites int           // of all keys
	Pending       bool          // one of them is the client's
}

// Describe completes the status of a client, whose token is there.
func (f Far) Describe(st *status.Client) {
	st.Redis = &status.Redis{Up: !f.Down && !f.Since.IsZero(), Since: f.Since, PendingWrites: f.PendingWrites}
	switch {
	case f.Pending:
		st.Far = status.Pending
	case f.Down || f.Since.IsZero():
		st.Far = status.Unknown
	case st.Fingerprint != "" && time.Until(st.Expiry) > f.Margin:
		st.Far = status.Yes
	default:
		st.Far = status.No
	}
}
