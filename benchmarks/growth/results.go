package growth

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Read returns the costs by count of tenants, from the medians of BenchmarkGrowth: by the name of
// a benchmark such as Growth/tenants=100/processes=2, and by unit. Counts that were measured with
// one process alone take what each process more adds from the nearest smaller one.
func Read(medians map[string]map[string]float64) ([]Cost, error) {
	type run struct{ tenants, processes int }
	all := make(map[run]map[string]float64)
	for name, units := range medians {
		var r run
		text := strings.NewReplacer("/tenants=", " ", "/processes=", " ").Replace(name)
		if n, err := fmt.Sscanf(text, "Growth %d %d", &r.tenants, &r.processes); n == 2 && err == nil && r.tenants > 0 && r.processes > 0 {
			all[r] = units
		}
	}
	var costs []Cost
	for r, one := range all {
		if r.processes != 1 {
			continue
		}
		c := Cost{
			Tenants: r.tenants, Hit: one["hit-ns"], Memory: one["B/tenant"], Renewal: one["redis-commands/renewal"],
			RedisRenewal: one["redis-cpu-us/renewal"], CPURenewal: one["cpu-us/renewal"], Idle: one["redis-commands/s"], CPUIdle: one["cpu-us/s"],
		}
		most := r
		for other := range all {
			if other.tenants == r.tenants && other.processes > most.processes {
				most = other
			}
		}
		if more := float64(most.processes - 1); more > 0 {
			slope := func(unit string) float64 { return max(0, (all[most][unit]-one[unit])/more) }
			c.Follow, c.RedisFollow, c.CPUFollow = slope("redis-commands/renewal"), slope("redis-cpu-us/renewal"), slope("cpu-us/renewal")
		}
		costs = append(costs, c)
	}
	if len(costs) == 0 {
		return nil, errors.New("there are no results of BenchmarkGrowth with processes=1")
	}
	slices.SortFunc(costs, func(a, b Cost) int { return cmp.Compare(a.Tenants, b.Tenants) })
	for i := range costs[1:] {
		if c, before := &costs[i+1], costs[i]; c.Follow == 0 && c.RedisFollow == 0 {
			c.Follow, c.RedisFollow, c.CPUFollow = before.Follow, before.RedisFollow, before.CPUFollow
		}
	}
	return costs, nil
}
