package scenario

import (
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

func discovery() Scenario {
	return Scenario{
		Name:  "discovery",
		Title: "An office that moves",
		Help:  "the office is found by discovery, and moves to another address; later the process starts anew",
		Story: "The client knows no address: it asks the vendor where the office is, which takes --discovery-latency. There is a valid token, " +
			"and the office is known, before the first call. A third into the run the office moves to another address, and its old one is " +
			"closed with all connections. Two thirds into it the process is replaced by a new one, which knows neither address nor token.",
		Look: "How many calls wait until the client has moved, and which fail: those that the office may have got before it moved are not sent " +
			"again. Whether the new process asks the vendor, or finds the address in Redis.",
		Loads: []subject.Load{subject.Call}, // a lookup of a token goes nowhere

		Discovery: true,
		// Long enough that some calls are under way when the office moves.
		APILatency: 5 * time.Millisecond,
		Scenes: []Scene{
			{At: 1. / 3, Text: "office moves", Do: Stage.MoveOffice},
			{At: 2. / 3, Text: "process starts anew", Do: Stage.RestartProcess},
		},
	}
}
