// Package fleet runs the load in several operating-system processes: this program,
// started again as members of a fleet.
//
// A [Crew] starts members and adds up what they measured; [Serve] is a member's whole
// life. They speak JSON over the member's standard input and output: an Order in, when
// it is ready a line out, the start in, a Report out. A member whose input ends breaks
// off and reports what it has, so that none outlives its crew.
//
// A Crew is for one goroutine. See ARCHITECTURE.md for what is measured here.
package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/event"
	"github.com/advoware-go/advoware/benchmarks/study/load"
	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

// Order is what a member is to do.
type Order struct {
	Store    string        `json:"store"`
	Redis    string        `json:"redis,omitempty"`
	Life     subject.Life  `json:"life"`
	Env      []string      `json:"env"`
	Load     subject.Load  `json:"load"`
	Cold     bool          `json:"cold"`
	Rate     float64       `json:"rate"`
	Duration time.Duration `json:"duration_ns"`
	Workers  int           `json:"workers"`
}

// Report is what a member or a crew measured.
type Report struct {
	Result *load.Result   `json:"result"`
	Counts subject.Counts `json:"counts"`
	Events []event.Event  `json:"events"`
	Error  string         `json:"error,omitempty"` // why there is no Result
}

// ready is a member's first line.
type ready struct {
	Ready bool   `json:"ready"`
	Error string `json:"error,omitempty"`
}

// start is a crew's second line. All processes are on one machine, and have one clock.
type start struct {
	At time.Time `json:"at"`
}

// Serve is what a member does: it takes an order from in, which may name any of
// stores, and reports to out.
func Serve(ctx context.Context, in io.Reader, out io.Writer, stores []subject.Store) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	from, to := json.NewDecoder(in), json.NewEncoder(out)
	var order Order
	if err := from.Decode(&order); err != nil {
		return fmt.Errorf("fleet: order: %w", err)
	}
	var log event.Log
	member, err := order.open(stores, &log)
	if err == nil {
		defer member.Close()
		if !order.Cold {
			err = member.Warm(ctx)
		}
	}
	if err != nil {
		return to.Encode(ready{Error: err.Error()})
	}
	if err := to.Encode(ready{Ready: true}); err != nil {
		return fmt.Errorf("fleet: %w", err)
	}
	var begin start
	if err := from.Decode(&begin); err != nil {
		return fmt.Errorf("fleet: start: %w", err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, in) // until the crew has ended
		stop()
	}()
	log.Start(begin.At)
	before := member.Counts()
	result, err := load.Run(ctx, load.Config{
		Rate: order.Rate, Duration: order.Duration, Workers: order.Workers, Call: member.Call,
		Lookups: func() load.Lookups { return member.Counts().Lookups() },
		Start:   time.Now().Add(time.Until(begin.At)), // with a monotonic reading
	})
	if err != nil {
		return to.Encode(Report{Error: err.Error()})
	}
	return to.Encode(Report{Result: result, Counts: member.Counts().Minus(before), Events: log.Events()})
}

func (o Order) open(stores []subject.Store, log *event.Log) (*subject.Subject, error) {
	for _, s := range stores {
		if s.Name == o.Store {
			return subject.Open(subject.Config{
				Store: s, Env: o.Env, Load: o.Load, Events: log,
				Site: subject.Site{Redis: o.Redis, Life: o.Life, Logger: slog.New(slog.DiscardHandler)},
			})
		}
	}
	return nil, fmt.Errorf("fleet: this program has no store %q", o.Store)
}
