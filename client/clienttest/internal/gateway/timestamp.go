package gateway

import (
	"regexp"
	"time"
)

// What clients send as a time: Python's isoformat()+"Z", JavaScript's toISOString(),
// .NET's 7 digits (protocol: Token request), and PHP's date("c") and DATE_ISO8601, with
// an offset that has a colon or none (the vendor's own calendar program).
var timestampForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,7})?(Z|[+-]\d{2}:?\d{2})$`)

// parseTimestamp reads a RequestTimeStamp and reports whether it is one.
func parseTimestamp(text string, strict bool) (time.Time, bool) {
	zone := timestampForm.FindStringSubmatch(text)
	if zone == nil || strict && zone[2] != "Z" {
		return time.Time{}, false
	}
	layout := "2006-01-02T15:04:05Z07:00" // a fraction is read without being named
	if len(zone[2]) == len("+0000") {
		layout = "2006-01-02T15:04:05Z0700"
	}
	t, err := time.Parse(layout, text)
	return t, err == nil
}

// near reports whether a and b are at most window apart; a negative window is no
// limit.
func near(a, b time.Time, window time.Duration) bool {
	return window < 0 || a.Sub(b).Abs() <= window
}
