package chaos_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// trial is a kind of round: something happens to a fleet, and the histories are checked.
type trial struct {
	name string
	run  func(t *testing.T) // one round
	long bool               // not in the short form of the tests
}

var trials = []trial{
	{name: "processes are killed and stopped", run: processesTrial},
	{name: "other programs write", run: writersTrial},
	{name: "Redis is killed", run: killedRedisTrial, long: true},
	{name: "two identities", run: identitiesTrial, long: true},
	{name: "several things", run: mixedTrial, long: true},
	{name: "several things again", run: mixedTrial, long: true},
	{name: "Redis evicts the token", run: evictionTrial, long: true},
	{name: "an older dump is restored", run: restoreTrial, long: true},
	{name: "a replica that lags takes over", run: failoverTrial, long: true},
	{name: "connections go dumb", run: halfOpenTrial, long: true},
	{name: "the name of Redis gets another address", run: namesTrial, long: true},
	{name: "Redis is far away", run: distantTrial, long: true},
	{name: "packets are late and lost", run: netemTrial, long: true},
	{name: "the egress of a process is cut", run: egressTrial, long: true},
	{name: "a write arrives after its lease", run: lateWriteTrial, long: true},
	{name: "the clock of Redis steps", run: clockTrial, long: true},
	{name: "the disk of Redis is full", run: diskTrial, long: true},
}

// Whatever happens, there is an order of all operations of all processes in which the token
// behaves like one in one place, that each process sees with a delay of five seconds at
// most. The long form goes on with all kinds of rounds, in any order.
func TestHistories(t *testing.T) {
	began := time.Now()
	for _, one := range trials {
		t.Run(one.name, func(t *testing.T) {
			if one.long && long == 0 {
				t.Skip("in the long form only: make chaos")
			}
			t.Parallel()
			one.run(t)
		})
	}
	for again := 1; long > 0 && again <= 3; again++ {
		t.Run(fmt.Sprintf("again, one of three: %d", again), func(t *testing.T) {
			t.Parallel()
			for time.Since(began) < long && !t.Failed() {
				one := trials[rand.N(len(trials))]
				t.Run(one.name, one.run)
			}
		})
	}
}

// writersTrial has nothing but other programs that write to the key.
func writersTrial(t *testing.T) {
	r := newRound(trialWorld(t), 3)
	r.busy(3*time.Second, r.sets)
	r.f = append(r.f, r.join(1, refreshes...)...)
	r.busy(3*time.Second, r.sets, r.del, r.revoke, r.flush)
	r.f.calls(20)
	r.end("other programs write")
}

// processesTrial kills a process, stops one, and lets others join.
func processesTrial(t *testing.T) {
	r := newRound(trialWorld(t), 3)
	killed, stopped := r.f[0], r.f[1]
	r.busy(time.Second, r.sets, r.del, r.flush)
	killed.kill()
	r.note(killed.name + " is killed")
	r.f = r.f[1:]
	r.f = append(r.f, r.join(1, refreshes...)...)
	r.busy(2*time.Second, r.sets, r.revoke)
	r.freeze(stopped, 2*time.Second)
	r.f.calls(20)
	r.end("processes are killed and stopped")
}

// freeze stops a process for a while, in which other programs write.
func (r *round) freeze(p *process, length time.Duration) {
	r.t.Helper()
	over := r.outage(p.name, "it is stopped")
	p.stop()
	r.busy(length, r.sets)
	p.wake()
	over()
}

// killedRedisTrial kills Redis, which is empty afterwards.
func killedRedisTrial(t *testing.T) {
	r := newRound(trialWorld(t), 3)
	r.busy(time.Second, r.sets)
	over := r.outage("", "Redis is killed")
	r.redis.Kill()
	r.f.calls(5)
	r.redis.Restart()
	over()
	r.busy(11*time.Second, r.sets)
	r.end("Redis is killed")
}
