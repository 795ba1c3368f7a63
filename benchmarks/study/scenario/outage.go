package scenario

import "github.com/advoware-go/advoware/benchmarks/study/subject"

func outage() Scenario {
	return Scenario{
		Name:  "outage",
		Title: "Redis is killed",
		Help:  "Redis dies under load, and an empty one comes back",
		Story: "There is a valid token. A third into the run the Redis server is killed, a third later an empty one is started in its place.",
		Look:  "Whether a call fails or waits that had no need of Redis, and what the first calls pay when it is gone and when it is back.",
		Loads: []subject.Load{subject.Lookup, subject.Call},

		RedisOnly: true,
		Scenes: []Scene{
			{At: 1. / 3, Text: "Redis killed", Do: func(s Stage) error { s.KillRedis(); return nil }},
			{At: 2. / 3, Text: "Redis started, empty", Do: Stage.StartRedis},
		},
	}
}
