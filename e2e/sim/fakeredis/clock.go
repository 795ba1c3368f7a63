package fakeredis

import (
	"strconv"
	"time"
)

// SetClock makes the clock of the client that much faster than the server's and everybody
// else's, from now on. A bubble has one clock, so the instants that the client writes and reads
// are moved instead: milliseconds since 1970, and timestamps.
func (l *Link) SetClock(ahead time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ahead = ahead
}

// Clock returns by how much the clock of the client is fast.
func (l *Link) Clock() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ahead
}

// written returns a command as a client with that clock sends it.
func written(args []string, ahead time.Duration) []string {
	moved := make([]string, len(args))
	for i, arg := range args {
		moved[i] = move(arg, ahead)
	}
	return moved
}

// read returns a reply as a client with that clock takes it.
func read(r Reply, ahead time.Duration) Reply {
	switch r := r.(type) {
	case string:
		return move(r, -ahead)
	case pairs:
		return pairs(readAll(r, ahead))
	case []Reply:
		return readAll(r, ahead)
	}
	return r
}

func readAll(rs []Reply, ahead time.Duration) []Reply {
	if rs == nil {
		return nil
	}
	moved := make([]Reply, len(rs))
	for i, r := range rs {
		moved[i] = read(r, ahead)
	}
	return moved
}

// near is how far from now an instant is one: another number of milliseconds is none.
const near = 300 * 24 * time.Hour

// move moves an instant, and leaves everything else as it is.
func move(text string, by time.Duration) string {
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		if time.Since(time.UnixMilli(ms)).Abs() < near {
			return strconv.FormatInt(ms+by.Milliseconds(), 10)
		}
		return text
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04:05.000000"} {
		if at, err := time.Parse(layout, text); err == nil && at.Format(layout) == text {
			return at.Add(by).Format(layout)
		}
	}
	return text
}
