// Package check is the form of what the doctor finds.
//
// See ARCHITECTURE.md for the package in context.
package check

// Status says how a check ended.
type Status string

// The states of a check, from good to bad. Skipped says in Saw why nothing was looked at.
const (
	OK      Status = "ok"
	Skipped Status = "skipped"
	Warning Status = "warning"
	Failure Status = "failure"
)

// Check is one thing that was looked at. No field contains a secret.
type Check struct {
	Group  string `json:"group"`  // one of the groups of the report, such as "Redis"
	Name   string `json:"name"`   // what was looked at, such as "eviction policy"
	Status Status `json:"status"` // ok, skipped, warning or failure
	Saw    string `json:"saw"`    // what there is
	Want   string `json:"want"`   // what there should be; "" if that is what there is
	Hint   string `json:"hint"`   // what to do; "" if there is nothing to do
}
