package bench

import (
	"fmt"
	"slices"
)

// A part is a selection of benchmarks, and how often and for how long each is run.
type part struct {
	bench  string // a regular expression, as go test -bench has it
	skip   string // the same, of what is left out
	rounds int
	time   string // as go test -benchtime has it
	fixed  bool   // no flag changes rounds and time
}

const stampedes = "^BenchmarkStampede$/^store=(tiered|oauth2-reuse|channel)$"

// What takes nanoseconds to milliseconds, and scenarios that take minutes.
var (
	short = []part{
		{bench: "^Benchmark(Token|TokenNoAlloc|Identities.*|Sign.*|Fetch|Large)$", rounds: 10, time: "60ms"},
		{bench: "^Benchmark(TokenCounted.*|RoundTrip.*|RedisGet.*|RedisSwap|Call|ErrorAnswer|AnswerSize)$", rounds: 10, time: "200ms"},
	}
	long = []part{
		{bench: "^Benchmark(Stampede|Expiry|Failing|Fleet.*|HitRatio.*|IdentityMemory|ClientMemory|NewIdentity|MassExpiry)$", skip: stampedes, rounds: 8, time: "200ms"},
		crowded, thousand,
	}
	// Thousands of tenants, who take seconds each time.
	crowded = part{bench: "^BenchmarkTenants$/^event=(start|flush)$/^tenants=20000$/^rtt=(0s|50ms)$", rounds: 4, time: "1ms"}
	// The goal for cold starts is about a thousand of them.
	thousand = part{bench: stampedes, rounds: 8, time: "125x", fixed: true}
)

// sets are the values of --set. A row of the goals has the set of its name.
var sets = map[string][]part{
	"short": short,
	"long":  long,
	"all":   slices.Concat(short, long),
	"S1":    {{bench: "^BenchmarkToken(NoAlloc)?$", rounds: 10, time: "60ms"}},
	"S1b":   {{bench: "^BenchmarkTokenCounted(NoAlloc)?$", rounds: 10, time: "200ms"}},
	"S2":    {{bench: "^Benchmark(Identities|IdentitiesAtHand|HitRatio|HitRatioBusy|NewIdentity)$", rounds: 10, time: "60ms"}},
	"S3": {
		{bench: "^BenchmarkRoundTrip$/^transport=(bare|copy|advoware|oauth2)$", rounds: 10, time: "200ms"},
		{bench: "^BenchmarkRoundTripOwn$", rounds: 10, time: "200ms"},
	},
	"S4":  {{bench: "^BenchmarkSign$", rounds: 10, time: "60ms"}},
	"S5":  {{bench: "^BenchmarkRedis(Get|GetTurns|Swap)$", rounds: 10, time: "200ms"}},
	"S6":  {thousand},
	"S7":  {{bench: "^BenchmarkFleet(Killed)?$", rounds: 8, time: "200ms"}},
	"S8":  {{bench: "^BenchmarkExpiry$/^store=(tiered|oauth2-reuse|otter|pointer-load)$", rounds: 8, time: "200ms"}},
	"S9":  {{bench: "^Benchmark(Call|ErrorAnswer|AnswerSize)$", rounds: 10, time: "200ms"}},
	"S10": {{bench: "^BenchmarkFailing$/^(store=tiered|clients=50)$", rounds: 8, time: "200ms"}},
	"S11": {{bench: "^Benchmark(IdentityMemory|ClientMemory)$", rounds: 8, time: "200ms"}},
	"S12": {{bench: "^BenchmarkMassExpiry$", rounds: 4, time: "100ms"}, crowded},
	"S13": {{bench: "^BenchmarkProxy$", rounds: 4, time: "1ms", fixed: true}},

	"growth": {{bench: "^BenchmarkGrowth", rounds: 3, time: "1ms", fixed: true}},
}

// parts returns what the flags select.
func (c *runCmd) parts() ([]part, error) {
	var parts []part
	switch {
	case c.Bench != "":
		parts = []part{{bench: c.Bench, rounds: 10, time: "60ms"}}
		if c.Bench == "." && c.Benchtime != once {
			parts = append(parts, thousand)
		}
	case c.Set == "":
		parts = sets["all"]
	default:
		parts = sets[c.Set]
	}
	if parts == nil {
		return nil, usageError{fmt.Errorf("--set is %s, not short, long, all, growth or S1 to S13", c.Set)}
	}
	parts = slices.Clone(parts)
	for i, p := range parts {
		if p.fixed {
			continue
		}
		if c.Rounds != 0 {
			parts[i].rounds = int(c.Rounds)
		}
		if c.Benchtime != "" {
			parts[i].time = c.Benchtime
		}
	}
	return parts, nil
}

// whole reports whether everything is run as it stands here.
func (c *runCmd) whole() bool {
	return c.Bench == "" && (c.Set == "" || c.Set == "all") && c.Rounds == 0 && c.Benchtime == ""
}
