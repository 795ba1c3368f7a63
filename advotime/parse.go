package advotime

import "time"

// parts are what a text says of a date and a time.
type parts struct {
	day, clock, zone bool // which of them there are
	year             int
	month            time.Month
	date             int // of the month
	ofDay            time.Duration
	east             time.Duration // of UTC
}

// noDate reports whether the day is that of .NET's zero.
func (p *parts) noDate() bool { return p.day && p.year == 1 && p.month == 1 && p.date == 1 }

// zero reports whether it is .NET's zero, in whatever zone.
func (p *parts) zero() bool { return p.noDate() && p.ofDay == 0 }

// wall returns the day and the time as if they were UTC.
func (p *parts) wall() time.Time {
	return time.Date(p.year, p.month, p.date, 0, 0, 0, 0, time.UTC).Add(p.ofDay)
}

// scan reads a text that is a day, a time of day, or both, and then maybe a zone.
func scan(text string) (p parts, ok bool) {
	s := scanner{text}
	if len(text) > 4 && text[4] == '-' {
		p.day = true
		p.year, ok = s.digits(4)
		month, ok1 := s.after('-')
		date, ok2 := s.after('-')
		p.month, p.date = time.Month(month), date
		if !ok || !ok1 || !ok2 || p.year == 0 || !exists(p.year, p.month, p.date) {
			return p, false
		}
		if s.rest == "" {
			return p, true
		}
		if !s.skip('T') && !s.skip('t') && !s.skip(' ') {
			return p, false
		}
	}
	p.clock = true
	if p.ofDay, ok = s.clock(); !ok {
		return p, false
	}
	if s.rest != "" {
		p.zone = true
		if p.east, ok = s.zone(); !ok {
			return p, false
		}
	}
	return p, s.rest == ""
}

// exists reports whether there is such a day.
func exists(year int, month time.Month, date int) bool {
	y, m, d := time.Date(year, month, date, 0, 0, 0, 0, time.UTC).Date()
	return y == year && m == month && d == date
}

// scanner reads a text from its beginning.
type scanner struct{ rest string }

func (s *scanner) skip(c byte) bool {
	if s.rest == "" || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// digits reads a number of exactly n digits.
func (s *scanner) digits(n int) (number int, ok bool) {
	if len(s.rest) < n {
		return 0, false
	}
	for _, c := range []byte(s.rest[:n]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		number = number*10 + int(c-'0')
	}
	s.rest = s.rest[n:]
	return number, true
}

// after reads two digits that follow c.
func (s *scanner) after(c byte) (int, bool) {
	if !s.skip(c) {
		return 0, false
	}
	return s.digits(2)
}

// clock reads hh:mm, with :ss and a fraction of 1 to 9 digits or without.
func (s *scanner) clock() (time.Duration, bool) {
	hour, ok := s.digits(2)
	minute, ok1 := s.after(':')
	if !ok || !ok1 || hour > 23 || minute > 59 {
		return 0, false
	}
	of := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
	if s.rest == "" || s.rest[0] != ':' {
		return of, true
	}
	second, ok := s.after(':')
	if !ok || second > 59 {
		return 0, false
	}
	of += time.Duration(second) * time.Second
	if !s.skip('.') {
		return of, true
	}
	n := 0
	for unit := time.Second / 10; n < len(s.rest) && n < 10 && s.rest[n] >= '0' && s.rest[n] <= '9'; n++ {
		of += time.Duration(s.rest[n]-'0') * unit
		unit /= 10
	}
	s.rest = s.rest[n:]
	return of.Truncate(tick), n >= 1 && n <= 9
}

// zone reads Z, +hh:mm, +hhmm or +hh.
func (s *scanner) zone() (east time.Duration, ok bool) {
	if s.skip('Z') || s.skip('z') {
		return 0, true
	}
	sign := time.Duration(1)
	if !s.skip('+') {
		if !s.skip('-') {
			return 0, false
		}
		sign = -1
	}
	hour, ok := s.digits(2)
	minute := 0
	if ok && s.rest != "" {
		s.skip(':')
		minute, ok = s.digits(2)
	}
	if hour > 23 || minute > 59 {
		return 0, false
	}
	return sign * (time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute), ok
}
