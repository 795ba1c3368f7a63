package benchmarks

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"
)

// locks are the values of lock=: who sees to it that a fleet that starts cold makes
// one token request. go-redis-cache and python-way share through Redis and take no
// lock: the one makes a request for each process, the other one for each caller, with
// httpLimit connections. Lock none is the floor: every process makes its own, and Redis
// is not asked at all.
var locks = []string{"advoware", "poll", "redislock", "redsync", "go-redis-cache", "python-way", "none"}

// mostRequests is how many token requests a cold start may take with a lock.
func mostRequests(lock string, processes, goroutines int) int {
	switch lock {
	case "none", "go-redis-cache":
		return processes
	case "python-way":
		return processes * goroutines
	}
	return 1
}

// BenchmarkFleet is a cold start of many processes. One operation is a number of
// rounds, with Redis empty and everything in the processes anew; ns/op means nothing.
// It is few rounds: bench run makes many operations, and takes the medians of those.
//
// slowest-ms and p99-ms are how much longer than the token request the slowest caller
// and the 99th percentile of all callers waited; of that, asked-ms is from the start of
// the first process to the first token request. requests is how many of those were
// made, trips and commands what a process asked of Redis, the setting up of connections
// apart; medians of the rounds, but for requests-max, which is that of the worst round.
// (Commands within a script or a transaction count, so that a trip can have several.)
// The table at the end is on standard error.
//
// The token request takes longer than latency= by up to a step of the locks, differently
// in each round (fleetRow.addition): as a multiple of their step it would cost them a
// whole step or none.
func BenchmarkFleet(b *testing.B) {
	var rows []*fleetRow
	shape := func(latency time.Duration, goroutines, rounds int, processes ...int) {
		for _, n := range processes {
			for _, lock := range locks {
				b.Run(fmt.Sprintf("lock=%s/processes=%d/goroutines=%d/latency=%v", lock, n, goroutines, latency), func(b *testing.B) {
					defer tellSkip(b)
					row := newFleetRow(lock, n, goroutines, latency)
					for b.Loop() {
						fleet := startFleet(b, lock, n, goroutines, latency)
						for i := range rounds {
							row.rounds = append(row.rounds, fleet.round(row.addition(i, rounds)))
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
		shape(50*time.Millisecond, 1000, 5, 8)
		shape(500*time.Millisecond, 64, 3, 2, 8, 32)
	}
	printFleet(rows)
}

// fleetRow is what was measured of one shape.
type fleetRow struct {
	lock                  string
	processes, goroutines int
	latency               time.Duration
	rounds                []fleetRound
	draw                  *rand.Rand // what the additions are drawn from
}

func newFleetRow(lock string, processes, goroutines int, latency time.Duration) *fleetRow {
	return &fleetRow{
		lock: lock, processes: processes, goroutines: goroutines, latency: latency,
		draw: rand.New(rand.NewPCG(1, 2)), // the same additions for every lock, in every run
	}
}

// addition is what the token request takes longer in round i of n. It is drawn from the
// i-th part of a step, so that few rounds are spread over a step too.
func (r *fleetRow) addition(i, n int) time.Duration {
	return time.Duration((float64(i) + r.draw.Float64()) / float64(n) * float64(lockStep))
}

// fleetRound is a cold start.
type fleetRound struct {
	slowest, p99, median      time.Duration // of all callers, over the token request
	asked                     time.Duration // until the first token request arrived
	requests, trips, commands int           // trips and commands of all processes together
}

// fleetColumn is a metric: of each round, and of all of them.
type fleetColumn struct {
	unit string
	of   func(r *fleetRow, x fleetRound) float64
	all  func(sorted []float64) float64
}

func middle(sorted []float64) float64 { return sorted[len(sorted)/2] }

func most(sorted []float64) float64 { return sorted[len(sorted)-1] }

func requestsOf(_ *fleetRow, x fleetRound) float64 { return float64(x.requests) }

var fleetColumns = []fleetColumn{
	{"slowest-ms", func(_ *fleetRow, x fleetRound) float64 { return ms(x.slowest) }, middle},
	{"p99-ms", func(_ *fleetRow, x fleetRound) float64 { return ms(x.p99) }, middle},
	{"median-ms", func(_ *fleetRow, x fleetRound) float64 { return ms(x.median) }, middle},
	{"asked-ms", func(_ *fleetRow, x fleetRound) float64 { return ms(x.asked) }, middle},
	{"requests", requestsOf, middle},
	{"requests-max", requestsOf, most},
	{"trips/process", func(r *fleetRow, x fleetRound) float64 { return float64(x.trips) / float64(r.processes) }, middle},
	{"commands", func(_ *fleetRow, x fleetRound) float64 { return float64(x.commands) }, middle},
}

func (r *fleetRow) figure(c fleetColumn) float64 {
	sorted := make([]float64, len(r.rounds))
	for i, x := range r.rounds {
		sorted[i] = c.of(r, x)
	}
	slices.Sort(sorted)
	return c.all(sorted)
}

func (r *fleetRow) report(b *testing.B) {
	for _, c := range fleetColumns {
		b.ReportMetric(r.figure(c), c.unit)
	}
}

func printFleet(rows []*fleetRow) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(os.Stderr, "\nA fleet that starts cold: how much longer than the token request its callers wait (medians of %d rounds and more)\n", len(rows[len(rows)-1].rounds))
	fmt.Fprintf(os.Stderr, "%-14s %9s %10s %8s", "lock", "processes", "goroutines", "request")
	for _, c := range fleetColumns {
		fmt.Fprintf(os.Stderr, " %13s", c.unit)
	}
	fmt.Fprintln(os.Stderr)
	for _, r := range rows {
		fmt.Fprintf(os.Stderr, "%-14s %9d %10d %8v", r.lock, r.processes, r.goroutines, r.latency)
		for _, c := range fleetColumns {
			fmt.Fprintf(os.Stderr, " %13.1f", r.figure(c))
		}
		fmt.Fprintln(os.Stderr)
	}
	fmt.Fprintln(os.Stderr)
}

// BenchmarkFleetKilled is a cold start whose first process to make a token request is
// killed in the middle of it. slowest-ms is how much longer than a token request the
// slowest caller of the others waited, requests and requests-max how many there were in all.
func BenchmarkFleetKilled(b *testing.B) {
	const processes, goroutines, latency = 4, 16, 200 * time.Millisecond
	tested := pick(locks[:len(locks)-1], locks[:1])
	for _, lock := range tested {
		b.Run("lock="+lock, func(b *testing.B) {
			defer tellSkip(b)
			row := newFleetRow(lock, processes, goroutines, latency)
			for b.Loop() {
				fleet := startFleet(b, lock, processes, goroutines, latency)
				fleet.killFirst = true
				row.rounds = append(row.rounds, fleet.round(row.addition(0, 1)))
				fleet.stop()
			}
			row.report(b)
		})
	}
}
