package chaos_test

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// diskTrial lets the disk of a Redis that keeps a log of its writes become full: it answers
// reads, and refuses writes. The log may not become longer than 1 MB, and the write that
// would make it so fails as on a full disk.
func diskTrial(t *testing.T) {
	raise, err := exec.LookPath("prlimit")
	if err != nil {
		lacks(t, "there is no prlimit, which is part of util-linux")
	}
	redis := redistest.StartBy(t, []string{"sh", "-c", `trap '' XFSZ; ulimit -S -f 2048; exec "$@"`, "sh"},
		"--appendonly", "yes", "--auto-aof-rewrite-percentage", "0")
	w := &world{t: t, redis: redis}
	r := newRound(w.serve(clienttest.Options{TokenLatency: trialLatency}), 3)
	r.busy(time.Second, r.sets)

	over := r.outage("", "the disk is full")
	full := func() bool {
		err := r.foreign.Set(context.Background(), "filler", strings.Repeat("x", 50_000), time.Hour).Err()
		return err != nil && strings.HasPrefix(err.Error(), "MISCONF")
	}
	if !within(patience, full) {
		t.Fatal("Redis goes on writing: its disk is not full")
	}
	r.busy(2*time.Second, r.sets)
	r.revoke()
	r.busy(2*time.Second, r.sets)
	if !full() {
		t.Error("the disk was not full for long enough")
	}
	pid := strconv.Itoa(figure(redis, "server", "process_id"))
	if out, err := exec.Command(raise, "--pid", pid, "--fsize=unlimited").CombinedOutput(); err != nil {
		t.Fatalf("prlimit: %v: %s", err, out)
	}
	if !within(patience, func() bool { return r.foreign.Set(context.Background(), "filler", "x", time.Hour).Err() == nil }) {
		t.Fatal("Redis does not write again: ", fmt.Sprint(redis.Do("INFO", "persistence")))
	}
	over()
	r.f.calls(20)
	r.busy(12*time.Second, r.sets)
	r.end("the disk of Redis is full")
}
