package advotime

import "time"

// lastMinute is when a day ends for an appointment that takes all of it.
const lastMinute = 24*time.Hour - time.Minute

// AllDay returns begin and end of an appointment that takes whole days, as Advoware has
// them: from midnight of the first day to one minute before midnight of the last one.
func AllDay(first, last Day) (begin, end Berlin) {
	return first.Berlin(Clock{}), last.Berlin(clockOf(lastMinute))
}

// IsAllDay reports whether an appointment takes whole days: it begins at midnight, and ends
// in the last minute of that day or of a later one.
func IsAllDay(begin, end Berlin) bool {
	return !begin.IsZero() && !end.IsZero() && end.Compare(begin) > 0 &&
		begin.Clock().SinceMidnight() == 0 && end.Clock().SinceMidnight() >= lastMinute
}
