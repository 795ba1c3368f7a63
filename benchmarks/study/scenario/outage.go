package scenario

import "github.com/advoware-go/advoware/benchmarks/study/subject"

func outage() Scenario {
	return Scenario{
		Name:  "outage",
		Title: "Redis is killed",
		Help:  "Redis dies under load, and an empty one comes back; meanwhile the process starts anew",
		Story: "There is a valid token. A third into the run the Redis server is killed, a third later an empty one is started in its place. " +
			"In the middle of the outage the process is replaced by a new one, which has no token and no Redis to ask for one.",
		Look: "Whether a call fails or waits that had no need of Redis: those before the process starts anew. Whether the new process gets " +
			"along without Redis, and how much longer than a token request its first calls wait. What the first calls pay when Redis is back.",
		Loads: []subject.Load{subject.Lookup, subject.Call},

		RedisOnly: true,
		Scenes: []Scene{
			{At: 1. / 3, Text: "Redis killed", Do: func(s Stage) error { s.KillRedis(); return nil }},
			{At: 1. / 2, Text: "process starts anew", Do: Stage.RestartProcess},
			{At: 2. / 3, Text: "Redis started, empty", Do: Stage.StartRedis},
		},
	}
}
