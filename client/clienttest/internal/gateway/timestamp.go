package gateway

import (
	"regexp"
	"time"
)

// The gateway takes what Python's isoformat()+"Z" and JavaScript's toISOString()
// give, and .NET's 7 digits (protocol: Token request).
var timestampForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,7})?Z$`)

// parseTimestamp reads a RequestTimeStamp and reports whether it is one.
func parseTimestamp(text string) (time.Time, bool) {
	if !timestampForm.MatchString(text) {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	return t, err == nil
}

// near reports whether a and b are at most window apart; a negative window is no
// limit.
func near(a, b time.Time, window time.Duration) bool {
	return window < 0 || a.Sub(b).Abs() <= window
}
