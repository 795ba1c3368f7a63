package scenario

import "github.com/advoware-go/advoware/benchmarks/study/subject"

func slow() Scenario {
	return Scenario{
		Name:  "slow",
		Title: "Redis far away",
		Help:  "Redis is a round trip of --redis-latency away; half-way the process starts anew",
		Story: "Redis is in another place: each exchange with it takes a round trip more. There is a valid token before the first call. " +
			"Half-way the process is replaced by a new one, which has no token and finds that in Redis.",
		Look: "How many round trips a call costs that asks Redis each time, and that calls which find the token in the process do not " +
			"notice. What the first calls of the new process wait for.",
		Loads: []subject.Load{subject.Lookup, subject.Call},

		RedisOnly: true,
		RedisFar:  true,
		Scenes: []Scene{
			{At: 1. / 2, Text: "process starts anew", Do: Stage.RestartProcess},
		},
	}
}
