package stage

import (
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/event"
	"github.com/advoware-go/advoware/benchmarks/study/load"
	"github.com/advoware-go/advoware/benchmarks/study/scenario"
	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

// Play is what is played.
type Play struct {
	Scenario scenario.Scenario
	Store    subject.Store
	Load     subject.Load

	Rate      float64       // calls a second, of all processes together
	Duration  time.Duration // of the schedule
	Workers   int           // calls at a time, in each process
	Processes int           // of a fleet

	// TokenLatency and APILatency are how long the gateway and the API take to answer.
	TokenLatency, APILatency time.Duration

	// RedisLatency is how long a round trip to Redis takes in a scenario where it is far.
	RedisLatency time.Duration

	// DiscoveryLatency is how long the vendor takes to say where an office is.
	DiscoveryLatency time.Duration

	// Tenants are how many there are in a scenario that has many, and Spread which are called.
	Tenants int
	Spread  subject.Spread

	// Member is the command that makes a process a member of a fleet; see fleet.Start.
	Member []string
}

// Take is what was measured in one performance.
type Take struct {
	Result *load.Result
	Counts subject.Counts
	Events []event.Event

	TokenRequests     int  // that reached the gateway, by its own count
	DiscoveryRequests int  // that reached the vendor's discovery, likewise
	Partial           bool // broken off

	Processes    int
	Life         subject.Life  // as played, zero for the defaults
	TokenLatency time.Duration // as played, as is the next
	APILatency   time.Duration
}
