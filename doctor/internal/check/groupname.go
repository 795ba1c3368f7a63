package check

import "context"

// GroupName makes the checks of one group of the report.
type GroupName string

// Of returns the group whose checks are those that look returns.
func (g GroupName) Of(look func(context.Context) []Check) Group {
	return Group{Name: string(g), Look: func(ctx context.Context, report func(Check)) {
		for _, c := range look(ctx) {
			report(c)
		}
	}}
}

// OK returns a check of what is as it should be.
func (g GroupName) OK(name, saw string) Check {
	return Check{Group: string(g), Name: name, Status: OK, Saw: saw}
}

// Skipped returns a check that was not made, and why.
func (g GroupName) Skipped(name, why string) Check {
	return Check{Group: string(g), Name: name, Status: Skipped, Saw: why}
}

// Warning returns a check of what works, and may not for long.
func (g GroupName) Warning(name, saw, want, hint string) Check {
	return Check{Group: string(g), Name: name, Status: Warning, Saw: saw, Want: want, Hint: hint}
}

// Failure returns a check of what does not work.
func (g GroupName) Failure(name, saw, want, hint string) Check {
	return Check{Group: string(g), Name: name, Status: Failure, Saw: saw, Want: want, Hint: hint}
}
