package chaos_test

import (
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/e2e/chaos/trace"
)

// plantedInTraces are found by what Redis carried out; in the histories nothing is wrong with the
// first one.
var plantedInTraces = []plant{
	{
		name: "the lease is given to whoever asks", file: "store/redis/acquire.lua",
		old: "if type(holder) == 'string' and", new: "if false and",
		happens: func(r *round) {
			r.del()
			r.f.calls(20)
		},
		found: "acquire.lua answers yours, the model held",
	},
	{
		name: "what Redis has lost counts as deleted", file: "store/tiered/reconcile.go",
		old: "case because&gap != 0:\n\t\treturn true, nil", new: "case because&gap != 0:\n\t\treturn false, s.deletedInFar(key, near)",
		happens: func(r *round) {
			r.flush()
			<-time.After(2 * time.Second)
		},
		found: "loss_is_no_deletion",
	},
}

// plantedInTests are found by what Redis carried out in tests that have no histories.
var plantedInTests = []plant{
	{
		name: "a token is written whatever is there", file: "store/redis/swap.lua",
		old: "if ttl > 0 then\n  reply", new: "if false then\n  reply",
		test: stopHolder, found: "late_write_changes_nothing_newer",
	},
	{
		name: "a refusal is not kept", file: "store/redis/release.lua",
		old: "if ARGV[4] == 'refused' then", new: "if false then",
		test: mistype, found: "one_refusal_one_request",
	},
	{
		name: "any holder is replaced", file: "store/redis/acquire.lua",
		old: "and not (ARGV[9] == '1' and holder == ARGV[5]) then", new: "and false then",
		test: startCold, latency: slowLatency, found: "one_holder_in_a_term",
	},
}

// What else a test finds of a fault does not count here.
func TestFaultInTheProgramIsFoundInEveryTest(t *testing.T) {
	if long == 0 {
		t.Skip("in the long form only: make chaos")
	}
	for _, p := range plantedInTests {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			r := &rehearsal{TB: t}
			var ran trace.Verdict
			r.run(func() {
				w := newWorld(r, clienttest.Options{TokenLatency: p.latency})
				w.planted, w.worker = true, faulty(t, p.file, p.old, p.new)
				defer func() { ran = w.ended() }()
				p.test(w)
			})
			if all := strings.Join(ran.Broken, "\n"); !strings.Contains(all, p.found) {
				t.Fatalf("%+v; want one that is broken: %s; the test says %q", ran, p.found, r.said)
			}
			t.Log(ran.Broken[0])
		})
	}
}

// A fault in the program is found by what Redis carried out. It takes a compiler for each.
func TestFaultInTheProgramIsFoundByItsTrace(t *testing.T) {
	if long == 0 {
		t.Skip("in the long form only: make chaos")
	}
	for _, p := range plantedInTraces {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			r := p.play(t)
			ran := r.ended()
			r.kept = t.Failed()
			if all := strings.Join(ran.Broken, "\n"); !strings.Contains(all, p.found) {
				t.Fatalf("%+v; want one that is broken: %s", ran, p.found)
			}
			t.Log(ran.Broken[0])
		})
	}
}
