package sim

import (
	"fmt"
	"strings"
	"time"
)

// Schedule is a world and what happens in it, one after the other.
type Schedule struct {
	Processes int
	Seed      uint64        // of the yield points; 0 for none
	Latency   time.Duration // of a token request
	Events    []Event
}

// Event is what happens after a pause. P is the process that it happens to, where it happens
// to one. What N means depends on the Kind: how often, how long, or which of several.
type Event struct {
	After time.Duration
	Do    Kind
	P, N  int
}

// String is what Parse reads.
func (s Schedule) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "processes %d seed %d latency %v\n", s.Processes, s.Seed, s.Latency)
	for _, e := range s.Events {
		fmt.Fprintf(&b, "%v %s %d %d\n", e.After, e.Do, e.P, e.N)
	}
	return b.String()
}

// Parse reads a Schedule, as a failure prints it.
func Parse(text string) (s Schedule, err error) {
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		var after string
		var e Event
		line = strings.TrimSpace(line)
		if i == 0 {
			_, err = fmt.Sscanf(line, "processes %d seed %d latency %s", &s.Processes, &s.Seed, &after)
			if err == nil {
				s.Latency, err = time.ParseDuration(after)
			}
		} else {
			_, err = fmt.Sscanf(line, "%s %s %d %d", &after, &e.Do, &e.P, &e.N)
			if err == nil {
				e.After, err = time.ParseDuration(after)
			}
			if err == nil && !e.Do.known() {
				err = fmt.Errorf("nothing is called %q", e.Do)
			}
			s.Events = append(s.Events, e)
		}
		if err != nil {
			return s, fmt.Errorf("sim: line %d: %w", i+1, err)
		}
	}
	return s, nil
}
