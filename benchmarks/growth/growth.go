// Package growth says what tenants and processes cost together, from what a few of each were
// measured to cost, and which part is the limit first: Redis, a process, or the gateway.
//
// Each token is renewed once for all processes, by whichever comes first, and each other process
// reads it once: so the work of Redis grows with tenants times processes, that of the gateway with
// tenants alone, and that of a process with tenants, however many others there are. All of it is
// arithmetic, safe for concurrent use. See ARCHITECTURE.md for what is measured.
package growth

import (
	"cmp"
	"math"
	"slices"
)

// Cost is what was measured with some tenants: of one process that renews all tokens, and what
// each process more adds that only follows.
type Cost struct {
	Tenants int

	Hit    float64 // ns for a valid token of any tenant
	Memory float64 // bytes of a process, for each tenant

	Renewal, Follow           float64 // commands of Redis for each renewed token
	RedisRenewal, RedisFollow float64 // µs of a CPU of Redis for the same
	CPURenewal, CPUFollow     float64 // µs of a CPU of all processes for the same

	Idle, CPUIdle float64 // commands of Redis, and µs of a CPU, of each process in each second
}

// Limits are what is taken for the end of each part.
type Limits struct {
	Renewed  float64 // seconds from one renewal of a token to the next
	Request  float64 // seconds of a token request
	Redis    float64 // CPUs that Redis can use: a server uses one for commands
	Process  float64 // CPUs of a process for tokens alone
	Memory   float64 // bytes of a process
	Requests float64 // token requests under way at once
}

// Defaults are a renewal after 48.5 minutes, in the middle of what a Source draws; a token request
// of 1.5 s; seven tenths of a CPU for Redis; a tenth of one, and a GiB, for a process; and ten
// token requests at once, which is a guess: nobody says what a gateway bears.
var Defaults = Limits{Renewed: 48.5 * 60, Request: 1.5, Redis: 0.7, Process: 0.1, Memory: 1 << 30, Requests: 10}

// Load is what some tenants and processes cost.
type Load struct {
	Tenants, Processes int

	Commands float64 // of Redis in each second
	Redis    float64 // CPUs of it
	CPU      float64 // CPUs of each process
	Memory   float64 // bytes of each process
	Requests float64 // token requests under way at once
	Hit      float64 // ns
}

// Of returns the load of a count of processes that all serve all tenants of a cost.
func (c Cost) Of(processes int, l Limits) Load {
	n, others := float64(c.Tenants), float64(processes-1)
	renewals := n / l.Renewed // in each second
	perCommand := 0.0
	if c.Renewal > 0 {
		perCommand = c.RedisRenewal / c.Renewal
	}
	idle := float64(processes) * c.Idle
	return Load{
		Tenants: c.Tenants, Processes: processes, Hit: c.Hit,
		Commands: renewals*(c.Renewal+others*c.Follow) + idle,
		Redis:    (renewals*(c.RedisRenewal+others*c.RedisFollow) + idle*perCommand) / 1e6,
		CPU:      (renewals*(c.CPURenewal+others*c.CPUFollow)/float64(processes) + c.CPUIdle) / 1e6,
		Memory:   n * c.Memory,
		Requests: renewals * l.Request,
	}
}

// Part is what a load may be too much for.
type Part string

// Parts, "" for none.
const (
	Redis   Part = "Redis"
	Process Part = "process"
	Memory  Part = "memory"
	Gateway Part = "gateway"
)

// Limit returns the part that is used most, as a share of what l gives it, and which one that is if it
// is too much.
func (x Load) Limit(l Limits) (share float64, over Part) {
	type used struct {
		part  Part
		share float64
	}
	most := slices.MaxFunc([]used{
		{Redis, x.Redis / l.Redis}, {Process, x.CPU / l.Process}, {Memory, x.Memory / l.Memory}, {Gateway, x.Requests / l.Requests},
	}, func(a, b used) int { return cmp.Compare(a.share, b.share) })
	if most.share <= 1 {
		return most.share, ""
	}
	return most.share, most.part
}

// Most returns how many tenants some processes can serve before a part is at its limit, and which:
// with the costs of the largest count that was measured, as if they stayed as they are.
func Most(costs []Cost, processes int, l Limits) (tenants int, part Part) {
	if len(costs) == 0 {
		return 0, ""
	}
	c := slices.MaxFunc(costs, func(a, b Cost) int { return cmp.Compare(a.Tenants, b.Tenants) })
	c.Idle, c.CPUIdle = 0, 0 // what does not grow with the tenants
	c.Tenants = 1 << 40      // too many for any part
	share, part := c.Of(processes, l).Limit(l)
	if share <= 0 {
		return math.MaxInt, ""
	}
	return int(float64(c.Tenants) / share), part
}
