package chaos_test

import (
	"strings"
	"testing"
	"time"
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

// A fault in the program is found by what Redis carried out. It takes a compiler for each.
func TestFaultInTheProgramIsFoundByItsTrace(t *testing.T) {
	if long == 0 {
		t.Skip("in the long form only: make chaos")
	}
	for _, p := range plantedInTraces {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			r := p.play(t)
			ran := r.trace.check(r.dir)
			r.kept = t.Failed()
			if all := strings.Join(ran.Broken, "\n"); !strings.Contains(all, p.found) {
				t.Fatalf("%+v; want one that is broken: %s", ran, p.found)
			}
			t.Log(ran.Broken[0])
		})
	}
}
