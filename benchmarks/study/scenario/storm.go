package scenario

import (
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

func storm() Scenario {
	revoke := func(s Stage) error { s.RevokeTokens(); return nil }
	return Scenario{
		Name:  "storm",
		Title: "401 storm",
		Help:  "the API suddenly refuses the token that all calls use, twice",
		Story: "Twice all tokens are revoked under full load: from then on the API answers 401 to everybody at once, " +
			"until there is a new token. Each call may be sent once more.",
		Look:  "That no call fails, that a revocation costs one token request and not one for each 401, and how long the calls wait for it.",
		Loads: []subject.Load{subject.Call}, // it is the API that says 401
		// Long enough that a good many calls are under way when a token is revoked.
		APILatency: 5 * time.Millisecond,
		Scenes: []Scene{
			{At: 0.3, Text: "all tokens revoked", Do: revoke},
			{At: 0.65, Text: "all tokens revoked", Do: revoke},
		},
	}
}
