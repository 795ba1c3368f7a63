package stage_test

import (
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/stage"
	"github.com/advoware-go/advoware/client"
)

// A store that asks Redis each time pays at least a round trip for each call. A new process
// finds the token there, or requests one if Redis keeps it waiting for long: it is far away.
func TestRedisFarAway(t *testing.T) {
	const roundTrip = 40 * time.Millisecond
	far := func(p *stage.Play) { p.RedisLatency, p.Rate = roundTrip, 50 }
	take := perform(t, "slow", "redis", far)
	if least := take.Result.Uncorrected.At(0); take.Result.Done != 45 || take.Result.Failed != 0 && !slowRedis(take) || least < roundTrip {
		t.Errorf("%d calls, %d failed, %v; the fastest took %v, and a round trip %v", take.Result.Done, take.Result.Failed, take.Result.Problems, least, roundTrip)
	}
	take = perform(t, "slow", "tiered", far)
	if take.Result.Done != 45 || take.Result.Failed != 0 || take.TokenRequests > 1 {
		t.Errorf("%d calls, %d failed, %v, and there were %d token requests; want that calls get along, and that the new process makes one at most; events %v",
			take.Result.Done, take.Result.Failed, take.Result.Problems, take.TokenRequests, take.Events)
	}
}

// Each call reads a large answer, and all of it.
func TestLargeAnswers(t *testing.T) {
	take := perform(t, "large", "memory", func(p *stage.Play) { p.Rate = 20 })
	if take.Result.Done != 18 || take.Result.Failed != 0 || take.TokenRequests != 0 {
		t.Errorf("%d calls, %d failed, %v, %d token requests", take.Result.Done, take.Result.Failed, take.Result.Problems, take.TokenRequests)
	}
	// What is longer than the client holds is refused: so it is as long as the scenario says.
	take = perform(t, "large", "memory", func(p *stage.Play) { p.Rate, p.Scenario.Cold, p.Scenario.Answer = 2, true, client.DefaultMaxAnswer+1 })
	if problems := take.Result.Problems; take.Result.Failed != 1 || len(problems) != 1 || !strings.Contains(problems[0].Text, "MaxAnswer") {
		t.Errorf("%d calls failed, %v; want one whose answer is too long", take.Result.Failed, problems)
	}
}
