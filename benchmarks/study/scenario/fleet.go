package scenario

import "github.com/advoware-go/advoware/benchmarks/study/subject"

func fleet() Scenario {
	return Scenario{
		Name:  "fleet",
		Title: "A fleet starts cold",
		Help:  "several processes start at once, without a token",
		Story: "Several operating-system processes share the load, and all begin at the same instant, when there is no token anywhere. " +
			"Their histograms are added up.",
		Look:  "The number of token requests: one for the fleet where the store is shared, one for each process where it is not.",
		Loads: []subject.Load{subject.Lookup, subject.Call},
		Cold:  true,
		Fleet: true,
	}
}
