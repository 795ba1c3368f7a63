// Package report is what a study found, and its forms: JSON and CSV for tools, a table
// for a terminal, and one HTML file for people, which needs no network.
//
// A [Study] is plain data; every form is made from it, so a report can be made again
// from the JSON. Durations in the JSON are nanoseconds, in fields that end in _ns.
//
// The functions here change nothing that they are given and are safe for concurrent
// use. See ARCHITECTURE.md for what is measured here.
package report

import (
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/event"
	"github.com/advoware-go/advoware/benchmarks/study/load"
	"github.com/advoware-go/advoware/benchmarks/study/machine"
	"github.com/advoware-go/advoware/benchmarks/study/stage"
	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

// slack is in short what is said of it in many places.
const slack = load.Slack

// Format names the form of the JSON. It changes when a reader would misread it.
const Format = "advoware-study/1"

// Study is what a study found.
type Study struct {
	Format  string          `json:"format"`
	Started time.Time       `json:"started"`
	Took    time.Duration   `json:"took_ns"`
	Partial bool            `json:"partial"`         // broken off: runs are missing, or cut short
	Error   string          `json:"error,omitempty"` // of a run, which broke it off
	Machine machine.Machine `json:"machine"`
	Runs    []Run           `json:"runs"`
	Skipped []Skip          `json:"skipped,omitempty"`
}

// Skip is a run that was not made, and why.
type Skip struct {
	Scenario string `json:"scenario"`
	Store    string `json:"store"`
	Why      string `json:"why"`
}

// Run is one scenario with one store.
type Run struct {
	Scenario string       `json:"scenario"`
	Title    string       `json:"title"`
	Story    string       `json:"story"`
	Look     string       `json:"look"`
	Store    string       `json:"store"`
	Load     subject.Load `json:"load"`
	Partial  bool         `json:"partial"`

	Rate         float64       `json:"rate"` // calls a second, of all processes
	Duration     time.Duration `json:"duration_ns"`
	Workers      int           `json:"workers"` // in each process
	Processes    int           `json:"processes"`
	TokenLatency time.Duration `json:"token_latency_ns"`
	APILatency   time.Duration `json:"api_latency_ns"`
	RedisLatency time.Duration `json:"redis_latency_ns,omitempty"` // of a round trip; 0 where Redis is near
	Life         subject.Life  `json:"life"`                       // zero: the library's defaults

	DiscoveryLatency time.Duration  `json:"discovery_latency_ns,omitempty"` // 0 where the address is known
	Tenants          int            `json:"tenants,omitempty"`              // clients on the same stores; 0 where there is one
	Spread           subject.Spread `json:"spread,omitempty"`               // which of them are called

	Planned    int `json:"planned"`
	Done       int `json:"done"`
	Failed     int `json:"failed"`
	Unfinished int `json:"unfinished"`

	TokenRequests int     `json:"token_requests"` // that reached the gateway
	Discovered    int     `json:"discovery_requests,omitempty"`
	Unauthorized  int64   `json:"api_401"`
	Hits          int64   `json:"token_hits"`  // lookups of a token that did not wait for a token request
	Waits         int64   `json:"token_waits"` // those that did, or failed
	HitRate       float64 `json:"hit_rate"`    // the share of hits; who queued behind a wait made no lookup yet

	// Calls that succeeded and took longer than HeldUpAfter are held up: 5 ms, and twice
	// what the API takes, so that there is room for a call that is sent twice. OnTime is
	// the share of all calls that were due that succeeded and were not held up.
	HeldUpAfter       time.Duration `json:"held_up_after_ns"`
	HeldUp            int64         `json:"held_up"`
	HeldUpUncorrected int64         `json:"uncorrected_held_up"` // by the uncorrected latency
	OnTime            float64       `json:"on_time_rate"`

	// Of the lag, at most load.Slack was taken out of a call's latency; it shows all.
	Latency     Spread `json:"latency"`     // from the instant a call was due
	Uncorrected Spread `json:"uncorrected"` // from its beginning
	Failures    Spread `json:"failures"`    // of calls that failed, from the instant they were due
	Lag         Spread `json:"lag"`         // lateness of the load's own timers

	Problems []load.Problem `json:"problems,omitempty"`
	Events   []event.Event  `json:"events"`
	Slot     time.Duration  `json:"slot_ns"` // how long each of Slots is
	Slots    []Slot         `json:"slots"`
}

// Slot is a part of the schedule.
type Slot struct {
	Calls  int64         `json:"calls"` // that succeeded
	Failed int           `json:"failed"`
	P50    time.Duration `json:"p50_ns"`
	P99    time.Duration `json:"p99_ns"`
	Max    time.Duration `json:"max_ns"`

	// Lookups of a token that ended in it: those that did not wait for a token request,
	// and those that did, or failed. Both are 0 in files that are older than them.
	Hits  int64 `json:"hits"`
	Waits int64 `json:"waits"`
}

// NewRun returns what a performance of p found.
func NewRun(p stage.Play, t *stage.Take) Run {
	r := Run{
		Scenario: p.Scenario.Name, Title: p.Scenario.Title, Story: p.Scenario.Story, Look: p.Scenario.Look,
		Store: p.Store.Name, Load: p.Load, Partial: t.Partial,
		Rate: p.Rate, Duration: p.Duration, Workers: p.Workers, Processes: t.Processes,
		TokenLatency: t.TokenLatency, APILatency: t.APILatency, Life: t.Life,
		Planned: t.Result.Planned, Done: t.Result.Done, Failed: t.Result.Failed, Unfinished: t.Result.Unfinished,
		TokenRequests: t.TokenRequests, Discovered: t.DiscoveryRequests, Unauthorized: t.Counts.Unauthorized, Hits: t.Counts.Hits, Waits: t.Counts.Waits,
		Latency: spread(t.Result.Latency), Uncorrected: spread(t.Result.Uncorrected),
		Failures: spread(t.Result.Failures), Lag: spread(t.Result.Lag),
		Problems: t.Result.Problems, Events: t.Events, Slot: t.Result.Slot,
	}
	if p.Scenario.RedisFar {
		r.RedisLatency = p.RedisLatency
	}
	if p.Scenario.Discovery {
		r.DiscoveryLatency = p.DiscoveryLatency
	}
	if p.Scenario.Tenants {
		r.Tenants, r.Spread = p.Tenants, p.Spread
	}
	if lookups := r.Hits + r.Waits; lookups > 0 {
		r.HitRate = float64(r.Hits) / float64(lookups)
	}
	r.count()
	for _, s := range t.Result.Slots {
		r.Slots = append(r.Slots, Slot{
			Calls: s.Latency.Count(), Failed: s.Failed,
			P50: s.Latency.At(.5), P99: s.Latency.At(.99), Max: s.Latency.Max(),
			Hits: s.Lookups.Hits, Waits: s.Lookups.Waits,
		})
	}
	return r
}
