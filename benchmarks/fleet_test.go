package benchmarks

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"
)

// locks are the values of lock=: who sees to it that a fleet that starts cold makes
// one token request. Lock none is the floor: every process makes its own, and Redis
// is not asked at all.
var locks = []string{"advoware", "poll", "redislock", "redsync", "none"}

// BenchmarkFleet is a cold start of many processes. One operation is a number of
// rounds, with Redis empty and everything in the processes anew; ns/op means nothing.
//
// slowest-ms and p99-ms are how much longer than the token request the slowest caller
// and the 99th percentile of all callers waited; of that, asked-ms is from the start of
// the first process to the first token request. requests is how many of those were
// made, trips and commands what a process asked of Redis, the setting up of connections
// apart; medians of the rounds. (Commands within a script or a transaction count, so
// that a trip can have several.) The table at the end is on standard error.
func BenchmarkFleet(b *testing.B) {
	var rows []fleetRow
	shape := func(latency time.Duration, goroutines, rounds int, processes ...int) {
		for _, n := range processes {
			for _, lock := range locks {
				b.Run(fmt.Sprintf("lock=%s/processes=%d/goroutines=%d/latency=%v", lock, n, goroutines, latency), func(b *testing.B) {
					defer tellSkip(b)
					row := fleetRow{lock: lock, processes: n, goroutines: goroutines, latency: latency}
					for b.Loop() {
						fleet := startFleet(b, lock, n, goroutines, latency)
						for range rounds {
							row.rounds = append(row.rounds, fleet.round())
						}
						fleet.stop()
					}
					row.report(b)
					rows = append(rows, row)
				})
			}
		}
	}
	if brief() {
		shape(50*time.Millisecond, 10, 1, 2)
	} else {
		shape(50*time.Millisecond, 1000, 20, 8)
		shape(500*time.Millisecond, 64, 10, 2, 8, 32)
	}
	printFleet(rows)
}

// fleetRow is what was measured of one shape.
type fleetRow struct {
	lock                  string
	processes, goroutines int
	latency               time.Duration
	rounds                []fleetRound
}

// fleetRound is a cold start.
type fleetRound struct {
	slowest, p99, median      time.Duration // of all callers, over the token request
	asked                     time.Duration // until the first token request arrived
	requests, trips, commands int           // trips and commands of all processes together
}

// medianOf returns the median over the rounds.
func (r *fleetRow) medianOf(f func(fleetRound) float64) float64 {
	all := make([]float64, len(r.rounds))
	for i, round := range r.rounds {
		all[i] = f(round)
	}
	slices.Sort(all)
	return all[len(all)/2]
}

var fleetColumns = []struct {
	unit string
	of   func(r *fleetRow, x fleetRound) float64
}{
	{"slowest-ms", func(_ *fleetRow, x fleetRound) float64 { return ms(x.slowest) }},
	{"p99-ms", func(_ *fleetRow, x fleetRound) float64 { return ms(x.p99) }},
	{"median-ms", func(_ *fleetRow, x fleetRound) float64 { return ms(x.median) }},
	{"asked-ms", func(_ *fleetRow, x fleetRound) float64 { return ms(x.asked) }},
	{"requests", func(_ *fleetRow, x fleetRound) float64 { return float64(x.requests) }},
	{"trips/process", func(r *fleetRow, x fleetRound) float64 { return float64(x.trips) / float64(r.processes) }},
	{"commands", func(_ *fleetRow, x fleetRound) float64 { return float64(x.commands) }},
}

func (r *fleetRow) report(b *testing.B) {
	for _, c := range fleetColumns {
		b.ReportMetric(r.medianOf(func(x fleetRound) float64 { return c.of(r, x) }), c.unit)
	}
}

func printFleet(rows []fleetRow) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(os.Stderr, "\nA fleet that starts cold: how much longer than the token request its callers wait (medians of %d rounds)\n", len(rows[0].rounds))
	fmt.Fprintf(os.Stderr, "%-10s %9s %10s %8s", "lock", "processes", "goroutines", "request")
	for _, c := range fleetColumns {
		fmt.Fprintf(os.Stderr, " %13s", c.unit)
	}
	fmt.Fprintln(os.Stderr)
	for _, r := range rows {
		fmt.Fprintf(os.Stderr, "%-10s %9d %10d %8v", r.lock, r.processes, r.goroutines, r.latency)
		for _, c := range fleetColumns {
			fmt.Fprintf(os.Stderr, " %13.1f", r.medianOf(func(x fleetRound) float64 { return c.of(&r, x) }))
		}
		fmt.Fprintln(os.Stderr)
	}
	fmt.Fprintln(os.Stderr)
}

// BenchmarkFleetKilled is a cold start whose first process to make a token request is
// killed in the middle of it. slowest-ms is how much longer than a token request the
// slowest caller of the others waited, requests how many there were in all.
func BenchmarkFleetKilled(b *testing.B) {
	const processes, goroutines, latency = 4, 16, 200 * time.Millisecond
	tested := pick(locks[:len(locks)-1], locks[:1])
	for _, lock := range tested {
		b.Run("lock="+lock, func(b *testing.B) {
			defer tellSkip(b)
			row := fleetRow{lock: lock, processes: processes, goroutines: goroutines, latency: latency}
			for b.Loop() {
				fleet := startFleet(b, lock, processes, goroutines, latency)
				fleet.killFirst = true
				row.rounds = append(row.rounds, fleet.round())
				fleet.stop()
			}
			row.report(b)
		})
	}
}
