package scenario

import "github.com/advoware-go/advoware/benchmarks/study/subject"

func steady() Scenario {
	return Scenario{
		Name:  "steady",
		Title: "Steady load",
		Help:  "a valid token all the time, and nothing happens",
		Story: "There is a valid token before the first call, and it stays valid. Nothing goes wrong.",
		Look:  "The whole curve: this is what a token costs on an ordinary day.",
		Loads: []subject.Load{subject.Lookup, subject.Call},
	}
}
