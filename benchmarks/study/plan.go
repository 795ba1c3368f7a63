package study

import (
	"cmp"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/load"
	"github.com/advoware-go/advoware/benchmarks/study/machine"
	"github.com/advoware-go/advoware/benchmarks/study/report"
	"github.com/advoware-go/advoware/benchmarks/study/scenario"
	"github.com/advoware-go/advoware/benchmarks/study/stage"
	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

// plan is what a study plays, in order, and what it leaves out.
type plan struct {
	plays   []stage.Play
	skipped []report.Skip
}

// plan reads the flags. All that is wrong with them is in one error.
func (c *runCmd) plan(all stores) (plan, error) {
	base, err := c.base()
	scenarios, err2 := choose("scenario", c.Scenario, quick(c, "cold", "storm"), scenario.All(), func(s scenario.Scenario) string { return s.Name })
	chosen, err3 := choose("store", c.Store, quick(c, "memory", "tiered"), all, func(s Store) string { return s.Name })
	if err := errors.Join(err, err2, err3); err != nil {
		return plan{}, err
	}
	var p plan
	for _, sc := range scenarios {
		for _, st := range chosen {
			one := base
			one.Scenario, one.Store, one.Load = sc, st, subject.Load(c.Load)
			if sc.MaxRate > 0 {
				one.Rate = min(one.Rate, sc.MaxRate)
			}
			if c.Load == "auto" {
				one.Load = sc.Loads[0]
			}
			if why := obstacle(one); why != "" {
				p.skipped = append(p.skipped, skip(one, why))
				continue
			}
			p.plays = append(p.plays, one)
		}
	}
	if len(p.plays) == 0 {
		return plan{}, fmt.Errorf("nothing is left to play: %s with %s: %s", p.skipped[0].Scenario, p.skipped[0].Store, p.skipped[0].Why)
	}
	return p, nil
}

// base is what all plays have in common.
func (c *runCmd) base() (stage.Play, error) {
	duration, tokenLatency := 15*time.Second, time.Second
	if c.Quick {
		duration, tokenLatency = 2500*time.Millisecond, 250*time.Millisecond
	}
	command, err := member()
	p := stage.Play{
		Rate: or(c.Rate, 2000), Duration: or(c.Duration, duration), Workers: or(c.Workers, 64), Processes: or(c.Processes, 4),
		TokenLatency: or(c.TokenLatency, tokenLatency), APILatency: or(c.APILatency, 0),
		RedisLatency: or(c.RedisLatency, 20*time.Millisecond), DiscoveryLatency: or(c.DiscoveryLatency, 200*time.Millisecond),
		Tenants: or(c.Tenants, 1000), Spread: c.Spread, Member: command,
	}
	problems := []error{err}
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if !(p.Rate > 0 && p.Rate <= load.MaxCalls) {
		bad("--rate is %v; it must be above 0 and at most %d", p.Rate, load.MaxCalls)
	}
	if p.Duration < 100*time.Millisecond || p.Duration > 24*time.Hour {
		bad("--duration is %v; it must be from 100ms to 24h", p.Duration)
	}
	if p.Workers < 1 || p.Workers > 10_000 {
		bad("--workers is %d; it must be from 1 to 10000", p.Workers)
	}
	if p.Processes < 1 || p.Processes > 64 {
		bad("--processes is %d; it must be from 1 to 64", p.Processes)
	}
	if p.TokenLatency < 0 || p.TokenLatency > 20*time.Second {
		bad("--token-latency is %v; it must be from 0s to 20s", p.TokenLatency)
	}
	if p.APILatency < 0 || p.APILatency > 20*time.Second {
		bad("--api-latency is %v; it must be from 0s to 20s", p.APILatency)
	}
	if p.RedisLatency < 0 || p.RedisLatency > 20*time.Second {
		bad("--redis-latency is %v; it must be from 0s to 20s", p.RedisLatency)
	}
	if p.DiscoveryLatency < 0 || p.DiscoveryLatency > 10*time.Second {
		bad("--discovery-latency is %v; it must be from 0s to 10s", p.DiscoveryLatency)
	}
	if p.Tenants < 1 || p.Tenants > 20_000 {
		bad("--tenants is %d; it must be from 1 to 20000", p.Tenants)
	}
	if n := p.Rate * p.Duration.Seconds(); errors.Join(problems...) == nil && (n/float64(p.Processes) < 1 || n > load.MaxCalls) {
		bad("--rate %v for --duration %v are %.0f calls; it must be at least one for each process, and at most %d", p.Rate, p.Duration, n, load.MaxCalls)
	}
	return p, errors.Join(problems...)
}

func or[T any](flag *T, def T) T {
	if flag == nil {
		return def
	}
	return *flag
}

// quick returns what --quick plays, nothing without it.
func quick(c *runCmd, names ...string) []string {
	if c.Quick {
		return names
	}
	return nil
}

// choose returns what is asked for, in the order of all: by names, else by def, else
// everything.
func choose[T any](what string, names, def []string, all []T, nameOf func(T) string) ([]T, error) {
	known := make([]string, len(all))
	for i, t := range all {
		known[i] = nameOf(t)
	}
	if err := unknown(what, slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "all" }), known); err != nil {
		return nil, err
	}
	if len(names) == 0 {
		names = def
	}
	if len(names) == 0 || slices.Contains(names, "all") {
		return all, nil
	}
	return slices.DeleteFunc(slices.Clone(all), func(t T) bool { return !slices.Contains(names, nameOf(t)) }), nil
}

// unknown names what is not among known in an error.
func unknown(what string, names, known []string) error {
	var not []string
	for _, name := range names {
		if !slices.Contains(known, name) {
			not = append(not, strconv.Quote(name))
		}
	}
	if not == nil {
		return nil
	}
	return fmt.Errorf("there is no %s %s; there are %s", what, strings.Join(not, " or "), strings.Join(known, ", "))
}

// obstacle says why a play cannot be played, "" if it can.
func obstacle(p stage.Play) string {
	switch {
	case !slices.Contains(p.Scenario.Loads, p.Load):
		return fmt.Sprintf("it cannot be played with --load %s", p.Load)
	case p.Scenario.RedisOnly && !p.Store.Redis:
		return "the store does not use Redis"
	case p.Store.Redis:
		if _, err := exec.LookPath("redis-server"); err != nil {
			return "there is no redis-server on PATH"
		}
	}
	return ""
}

// line says what will be done, and how long it takes.
func (p plan) line(m machine.Machine) string {
	var total time.Duration
	for _, one := range p.plays {
		total += one.Duration + time.Second/4
	}
	first := p.plays[0]
	return fmt.Sprintf("%d runs, %g calls a second for %v each: about %v\n%s",
		len(p.plays), first.Rate, first.Duration, cmp.Or(total.Round(time.Second), time.Second), m.Line())
}
