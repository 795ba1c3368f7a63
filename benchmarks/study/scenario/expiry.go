package scenario

import (
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

// An expiry every third of the run. All else keeps the proportions that matter of real
// lives: a token request takes less than the time from the latest renewal to the end of
// the shared life, which is a twentieth of that life.
func expiry() Scenario {
	return Scenario{
		Name:  "expiry",
		Title: "Tokens expire",
		Help:  "short-lived tokens: each has to be replaced while it is in use",
		Story: "Tokens live for seconds instead of 55 minutes, so that several end during the run; guard, margin and " +
			"the token request are shortened in proportion.",
		Look:  "Whether any call waits when a token comes to its end. A token that is renewed ahead is replaced without anyone noticing.",
		Loads: []subject.Load{subject.Lookup, subject.Call},
		Tempo: func(duration, tokenLatency time.Duration) (subject.Life, time.Duration) {
			shared := duration / 3
			life := subject.Life{Guard: shared / 50, Margin: shared / 6}
			life.Lifetime = shared + life.Margin + life.Guard
			return life, min(tokenLatency, shared/25)
		},
	}
}
