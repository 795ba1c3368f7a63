// Package scenario says what happens in a study: how it begins, what goes wrong and
// when, and what to look at.
//
// A [Scenario] is plain data. What it does, it does to a [Stage], at shares of the
// duration, so that it can be played for ten seconds or an hour. [All] are the ones
// there are; add one as a file of its own and a line there.
//
// Everything here is immutable and safe for concurrent use. See ARCHITECTURE.md for
// what is measured here.
package scenario

import (
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

// Scenario is a named course of events under load.
type Scenario struct {
	Name  string // on the command line
	Title string // in the report
	Help  string // in one line
	Story string // what happens, for the reader of the report
	Look  string // what to look at

	// Loads are the loads it can be played with, the most telling one first.
	Loads []subject.Load

	// Cold begins without a token; else there is one before the load begins.
	Cold bool

	// Fleet shares the load among several processes.
	Fleet bool

	// RedisOnly has nothing to say of a store that has no Redis.
	RedisOnly bool

	// Tempo returns the life of tokens and how long a token request takes, if the
	// scenario has to change them. Nil leaves them as they are.
	Tempo func(duration, tokenLatency time.Duration) (subject.Life, time.Duration)

	// MaxRate is how many calls a second there are at most; 0 means as many as are asked for.
	MaxRate float64

	// Answer is how long the answer to each call is, in bytes; 0 means a small record.
	Answer int

	// RedisFar puts Redis a round trip away, which is settable.
	RedisFar bool

	// APILatency is the least that the API takes for a call.
	APILatency time.Duration

	// Tenants are as many clients on the same stores as are asked for.
	Tenants bool

	// TokenEnd is when the tokens that there are before the load begins end, all at one
	// instant, as a share of the duration; 0 means that each lives as Tempo says.
	TokenEnd float64

	// Discovery lets the client find the office by itself, which the vendor is asked for.
	Discovery bool

	Scenes []Scene
}

// Scene is something that happens during the load.
type Scene struct {
	At   float64 // when, as a share of the duration
	Text string
	Do   func(Stage) error // nil if it happens by itself
}

// Stage is what scenes do something to.
type Stage interface {
	// RevokeTokens makes the API refuse all tokens issued so far.
	RevokeTokens()
	// KillRedis ends the Redis server, and StartRedis starts an empty one in its place.
	KillRedis()
	StartRedis() error
	// RestartProcess opens the client and its stores anew, as a new process would.
	RestartProcess() error
	// MoveOffice moves the office of a scenario with Discovery to another address.
	MoveOffice() error
}

// All returns the scenarios in the order of the report.
func All() []Scenario {
	return []Scenario{steady(), cold(), expiry(), storm(), outage(), slow(), large(), tenants(), discovery(), fleet()}
}
