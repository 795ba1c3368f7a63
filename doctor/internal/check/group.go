package check

import "context"

// Group is one part of what the doctor looks at. All groups run side by side.
type Group struct {
	// Name is the Group of its checks.
	Name string
	// Look looks, and reports each check as soon as it has ended, in the order in which they
	// are shown; the Group of a check may be left empty. Report may be called from any
	// goroutine. The ctx ends with the deadline of the group or by an interrupt. Look returns
	// soon after that, and need not say which checks it could not end: the runner does. What
	// is reported after an interrupt is dropped, because it may be wrong.
	Look func(ctx context.Context, report func(Check))
}
