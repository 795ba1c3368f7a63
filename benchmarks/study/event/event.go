// Package event keeps what happened during a run, and when, so that it can be marked
// on a time line.
//
// A [Log] is safe for concurrent use. See ARCHITECTURE.md for what is measured here.
package event

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Kind says what sort of event it is.
type Kind string

// The kinds. A Scene is what the scenario did; the others are what the library did
// about it.
const (
	Scene    Kind = "scene"    // "Redis is killed"
	Request  Kind = "request"  // a token is requested
	Token    Kind = "token"    // it brought a new token
	Adopted  Kind = "adopted"  // a token of another process came into use
	Failed   Kind = "failed"   // a token request failed
	Rejected Kind = "rejected" // a token was thrown away because the API refused it
	Down     Kind = "down"     // Redis was found to be down
	Up       Kind = "up"       // Redis works again
)

// Event is something that happened.
type Event struct {
	At   time.Duration `json:"at_ns"` // from the start of the schedule; negative before it
	Kind Kind          `json:"kind"`
	Text string        `json:"text"`
}

// kept is how many events a log keeps. There are never more unless something is wrong.
const kept = 1000

// Log takes events down. The zero value drops them until Start.
type Log struct {
	mu     sync.Mutex
	start  time.Time // zero while events are dropped
	events []Event
}

// Start says from when instants are counted, and forgets what was there.
func (l *Log) Start(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.start, l.events = at, nil
}

// Stop drops all further events.
func (l *Log) Stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.start = time.Time{}
}

// Add notes that something happens now. Past a thousand events it is dropped.
func (l *Log) Add(kind Kind, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.start.IsZero() || len(l.events) == kept {
		return
	}
	l.events = append(l.events, Event{At: time.Since(l.start), Kind: kind, Text: text})
}

// Events returns what was noted.
func (l *Log) Events() []Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.events)
}

// Merge returns the events of all lists in their order.
func Merge(lists ...[]Event) []Event {
	all := slices.Concat(lists...)
	slices.SortStableFunc(all, func(a, b Event) int { return cmp.Compare(a.At, b.At) })
	return all
}
