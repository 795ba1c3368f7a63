package scenario

import (
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

// The tokens of the tenants end two thirds into the run. All else keeps the proportions of
// real lives, as in expiry.
func tenants() Scenario {
	const end = 2. / 3
	return Scenario{
		Name:  "tenants",
		Title: "Many tenants",
		Help:  "--tenants clients on the same stores, called by --spread; all tokens end at one instant",
		Story: "One process serves many Kanzleien: each has a client and a token of its own, and all are on the same stores. Before the first " +
			"call each has a token, and all of these end at the same instant, two thirds into the run. Then tokens last for the rest of it. " +
			"Guard, margin and the token request are shortened in proportion.",
		Look: "What a call costs among so many, and whether calls are held up while the tokens of all are renewed. Renewed ahead are those that " +
			"were used; the first call of any other tenant after the end waits for a token request.",
		Loads: []subject.Load{subject.Lookup},

		Tenants:  true,
		TokenEnd: end,
		Tempo: func(duration, tokenLatency time.Duration) (subject.Life, time.Duration) {
			shared := time.Duration(end * float64(duration))
			return subject.Life{Lifetime: duration + time.Hour, Guard: shared / 50, Margin: shared / 6}, min(tokenLatency, shared/25)
		},
		Scenes: []Scene{
			{At: end, Text: "tokens of all tenants end"},
		},
	}
}
