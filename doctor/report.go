package doctor

import (
	"slices"
	"unicode"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/internal/redact"
)

// Version is that of the form of a Report. It counts up when a field is taken away or means
// something else; fields, groups and checks may be added.
const Version = 1

// Check is one thing that was looked at.
type Check = check.Check

// Status says how a Check ended.
type Status = check.Status

// The states of a Check. Skipped says in Saw why nothing was looked at.
const (
	OK      = check.OK
	Skipped = check.Skipped
	Warning = check.Warning
	Failure = check.Failure
)

// Report is what the doctor found. In JSON it is one object.
type Report struct {
	// Version is the constant of that name.
	Version int `json:"version"`
	// OK reports that nothing failed and everything was looked at that could be.
	OK bool `json:"ok"`
	// Checks are in the order of their groups: configuration, clock, discovery, gateway, API,
	// Redis, token, fleet. There is at least one for each group.
	Checks []Check `json:"checks"`
}

// maxText is how long a text of a Check is, in bytes.
const maxText = 600

// makeReport makes checks fit to be shown: each text on one line, bounded, without secrets.
func makeReport(checks []Check, secrets []string) Report {
	r := Report{Version: Version, OK: true, Checks: make([]Check, 0, len(checks))}
	hide := redactor(secrets)
	for _, c := range checks {
		for _, text := range []*string{&c.Name, &c.Saw, &c.Want, &c.Hint} {
			*text = redact.OneLine(hide(*text), maxText)
		}
		if c.Status == Failure || c.Status == Skipped && c.Saw == check.Interrupted {
			r.OK = false
		}
		r.Checks = append(r.Checks, c)
	}
	return r
}

// redactor returns what takes secrets out of a text, and what a terminal would act on.
func redactor(secrets []string) func(string) string {
	all := redact.New("")
	for _, text := range secrets {
		if s := redact.New(text); !s.Short() {
			all = all.And(s)
		}
	}
	return func(text string) string {
		text = all.Hide(text)
		runes := []rune(text)
		return string(slices.DeleteFunc(runes, func(r rune) bool { return unicode.Is(unicode.Cf, r) }))
	}
}

// count is how many checks have a status.
func (r Report) count(s Status) (n int) {
	for _, c := range r.Checks {
		if c.Status == s {
			n++
		}
	}
	return n
}
