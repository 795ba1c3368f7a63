package subject

import (
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/event"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

func tokenHooks(log *event.Log) token.Hooks {
	return token.Hooks{
		FetchStart: func() { log.Add(event.Request, "a token is requested") },
		FetchDone: func(f token.Fetch) {
			if f.Err != nil {
				log.Add(event.Failed, "the token request failed")
				return
			}
			log.Add(event.Token, "a new token is there, after "+f.Took.Round(time.Millisecond).String())
		},
		Rotated: func(r token.Rotation) {
			if r.Origin == token.Far {
				log.Add(event.Adopted, "a token of another process is used")
			}
		},
		Rejected: func(store.Token) { log.Add(event.Rejected, "the refused token is thrown away") },
	}
}

func redisHooks(log *event.Log) tiered.Hooks {
	return tiered.Hooks{
		FarDown: func(error) { log.Add(event.Down, "Redis is found to be down") },
		FarUp:   func() { log.Add(event.Up, "Redis works again") },
	}
}
