package scenario

import "github.com/advoware-go/advoware/benchmarks/study/subject"

func large() Scenario {
	return Scenario{
		Name:  "large",
		Title: "Large answers",
		Help:  "each call is answered with 1 MB of JSON, at most 50 times a second",
		Story: "There is a valid token all the time. Each call is answered with a list of 1 MB, as an office has that keeps everything, " +
			"and the whole of it is read and checked.",
		Look:  "The tail: such answers are what a garbage collector works for, and the calls meanwhile.",
		Loads: []subject.Load{subject.Call},

		MaxRate: 50,
		Answer:  1 << 20,
	}
}
