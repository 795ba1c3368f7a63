package chaos_test

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

// netemEnv is set where a test runs in a network of its own.
const netemEnv = "CHAOS_NETEM"

// netemDelay is how much later each packet is there, mean and spread.
const netemDelay = 15 * time.Millisecond

// inNetwork starts what follows in a network of its own, whose packets are late and sometimes lost.
var inNetwork = []string{
	"unshare", "--map-root-user", "--net", "sh", "-c",
	`ip link set lo up && tc qdisc add dev lo root netem delay 15ms 5ms loss 0.3% && exec "$@"`, "sh",
}

// netemTrial runs a round in a network that is slow and loses packets: of processes, Redis and
// gateway. The test starts itself there.
func netemTrial(t *testing.T) {
	if os.Getenv(netemEnv) == "" {
		if out, err := command(inNetwork, "true").CombinedOutput(); err != nil {
			t.Skipf("no network of our own that is slow and loses packets: %v: %s", err, out)
		}
		self := command(inNetwork, os.Args[0], "-test.run=^TestHistories$/^packets_are_late_and_lost$", "-test.v")
		self.Env = append(os.Environ(), netemEnv+"=1")
		out, err := self.CombinedOutput()
		if err != nil {
			t.Errorf("in the network: %v", err)
		}
		t.Logf("%s", out)
		return
	}
	r := newRound(trialWorld(t), 3)
	began := time.Now()
	if !r.set() {
		t.Error("Redis is not reached")
	}
	if took := time.Since(began); took < netemDelay {
		t.Errorf("a command took %v: the packets are not late", took)
	}
	r.busy(4*time.Second, r.sets)
	r.f = append(r.f, r.join(1, refreshes...)...)
	r.busy(5*time.Second, r.sets, r.sets, r.sets, r.del, r.revoke, r.flush)
	r.f.calls(20)
	r.end("packets are late and lost")
}

func command(launcher []string, args ...string) *exec.Cmd {
	line := append(append([]string(nil), launcher...), args...)
	return exec.Command(line[0], line[1:]...)
}
