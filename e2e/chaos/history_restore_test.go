package chaos_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// restoreTrial restarts Redis from an older dump: a token is back that was replaced.
func restoreTrial(t *testing.T) {
	r := newRound(trialWorld(t, "--dir", t.TempDir(), "--dbfilename", "dump.rdb"), 3)
	r.busy(time.Second, r.sets)
	if got := r.redis.Do("SAVE"); got != "OK" {
		t.Fatal(got)
	}
	older := r.stored()
	r.replace() // so that its time is over, whatever happens
	r.set()
	if newer := r.stored(); newer == older || newer == "" {
		t.Fatalf("Redis has %q, and had %q: there is nothing to go back to", newer, older)
	}
	r.f.calls(10)

	r.restore()
	r.f.calls(20)
	r.f = append(r.f, r.join(1)...)
	<-time.After(12 * time.Second)
	r.busy(time.Second, r.sets)
	r.end("an older dump is restored")
}

// restore kills Redis and starts it from the dump that it wrote when it was told to.
func (r *round) restore() {
	r.t.Helper()
	over := r.outage("", "Redis is restarted from an older dump")
	r.redis.Kill()
	r.redis.Restart()
	over()
	if info := fmt.Sprint(r.redis.Do("INFO", "persistence")); strings.Contains(info, "rdb_last_load_keys_loaded:0") {
		r.t.Errorf("the dump was not loaded: this shows nothing: %s", info)
	}
}
