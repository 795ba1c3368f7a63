package subject

import "time"

// Life is how long tokens last, in the words of advoware.Config. The zero value is the
// library's defaults: 55 minutes, of which nobody uses the last ten seconds, and which
// other processes see for 110 seconds less than that.
type Life struct {
	Lifetime time.Duration `json:"lifetime_ns,omitempty"`
	Guard    time.Duration `json:"guard_ns,omitempty"`
	Margin   time.Duration `json:"margin_ns,omitempty"`
}

// IsZero reports whether the defaults hold.
func (l Life) IsZero() bool { return l == Life{} }
