package report_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/event"
	"github.com/advoware-go/advoware/benchmarks/study/load"
	"github.com/advoware-go/advoware/benchmarks/study/machine"
	"github.com/advoware-go/advoware/benchmarks/study/report"
	"github.com/advoware-go/advoware/benchmarks/study/scenario"
	"github.com/advoware-go/advoware/benchmarks/study/stage"
	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

// example returns a made-up study, the same each time: the load is real, but calls take
// virtual time.
func example(t *testing.T) *report.Study {
	t.Helper()
	made.Do(func() {
		if err := play(t).WriteJSON(&madeJSON); err != nil {
			t.Fatal(err)
		}
	})
	s, err := report.ReadJSON(bytes.NewReader(madeJSON.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var (
	made     sync.Once
	madeJSON bytes.Buffer
)

func play(t *testing.T) *report.Study {
	s := &report.Study{
		Format: report.Format, Started: time.Date(2026, 11, 23, 17, 30, 0, 0, time.UTC), Took: 42 * time.Second,
		Machine: machine.Machine{OS: "linux", Arch: "amd64", CPU: "Example CPU", Cores: 2, GOMAXPROCS: 2, Go: "go1.26.8", Redis: "7.0.15", Commit: "0123456789abcdef", Clock: 45},
		Skipped: []report.Skip{{Scenario: "outage", Store: "memory", Why: "the store does not use Redis"}},
	}
	for _, sc := range scenario.All() {
		for i, st := range subject.Stores() {
			if sc.RedisOnly && !st.Redis {
				continue
			}
			s.Runs = append(s.Runs, run(t, sc, st, time.Duration(i)))
		}
	}
	return s
}

// run plays a scenario without an Advoware: a second in which nothing is answered, some
// calls that fail, and the events of the scenario.
func run(t *testing.T, sc scenario.Scenario, st subject.Store, slower time.Duration) report.Run {
	p := stage.Play{Scenario: sc, Store: st, Load: sc.Loads[0], Rate: 500, Duration: 6 * time.Second, Workers: 8, TokenLatency: time.Second}
	take := &stage.Take{TokenRequests: 1, Processes: 1, TokenLatency: p.TokenLatency}
	if sc.Fleet {
		take.Processes = 4
	}
	p.RedisLatency, p.DiscoveryLatency, p.Tenants, p.Spread = 20*time.Millisecond, 200*time.Millisecond, 1000, subject.Zipf
	if sc.Discovery {
		take.DiscoveryRequests = 2
	}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now().Add(time.Second)
		var log event.Log
		log.Start(start)
		var (
			mu      sync.Mutex
			lookups load.Lookups
			rng     = rand.New(rand.NewPCG(1, uint64(slower)))
		)
		for _, scene := range sc.Scenes {
			time.AfterFunc(time.Until(start.Add(time.Duration(scene.At*float64(p.Duration)))), func() { log.Add(event.Scene, scene.Text) })
		}
		time.AfterFunc(time.Until(start.Add(3*time.Second)), func() {
			for range take.Processes {
				log.Add(event.Request, "a token is requested")
			}
		})
		time.AfterFunc(time.Until(start.Add(4*time.Second)), func() { log.Add(event.Token, "a new token is there") })
		result, err := load.Run(t.Context(), load.Config{
			Rate: p.Rate, Duration: p.Duration, Workers: p.Workers, Start: start,
			Lookups: func() load.Lookups { mu.Lock(); defer mu.Unlock(); return lookups },
			Call: func(context.Context) error {
				mu.Lock()
				took := time.Duration(rng.ExpFloat64() * float64(time.Microsecond<<(4*slower)))
				mu.Unlock()
				waits := false
				defer func() {
					mu.Lock()
					defer mu.Unlock()
					if waits {
						lookups.Waits++
					} else {
						lookups.Hits++
					}
				}()
				if at := time.Since(start); sc.Name == "cold" && at >= 3*time.Second && at < 4*time.Second {
					waits, took = true, took+4*time.Second-at
				} else if sc.Name == "outage" && st.Name == "redis" && at > 2*time.Second && at < 4*time.Second {
					waits = true
					return errors.New("</script><b>it's down</b>")
				}
				time.Sleep(took)
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		take.Result, take.Events = result, log.Events()
		take.Counts = subject.Counts{Hits: lookups.Hits, Waits: lookups.Waits}
	})
	return report.NewRun(p, take)
}
