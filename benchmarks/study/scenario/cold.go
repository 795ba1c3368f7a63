package scenario

import "github.com/advoware-go/advoware/benchmarks/study/subject"

func cold() Scenario {
	return Scenario{
		Name:  "cold",
		Title: "Cold start",
		Help:  "no token at the first call; half-way the process starts anew",
		Story: "The load begins when no store has a token. Half-way the process is replaced by a new one, which " +
			"opens its stores anew: what was kept in the process is gone, what was kept in Redis is still there.",
		Look:  "How many calls wait for the first token, how many token requests that takes, and who waits again half-way.",
		Loads: []subject.Load{subject.Lookup, subject.Call},
		Cold:  true,
		Scenes: []Scene{
			{At: 0.5, Text: "process starts anew", Do: Stage.RestartProcess},
		},
	}
}
