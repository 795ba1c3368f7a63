package sim

import (
	"time"

	"github.com/advoware-go/advoware/e2e/sim/fakeredis"
	"github.com/advoware-go/advoware/proof/rules"
)

// abstract returns a script that ran as a step of the model.
func abstract(at time.Time, s fakeredis.Step) rules.Step {
	script := rules.Script{
		At: at, Process: s.Client, Op: rules.OpOf(s.Script), Keys: s.Keys, Argv: s.Argv,
		Before: values(s.Before), After: values(s.After),
	}
	reply, _ := s.Reply.([]fakeredis.Reply)
	word := ""
	if len(reply) > 0 {
		word, _ = reply[0].(string)
	}
	switch script.Op {
	case rules.Acquire:
		script.Answer = word
	case rules.Swap:
		switch script.Answer = "stands"; {
		case reply != nil && len(reply) == 0:
			script.Answer = "stored"
		case len(reply) == 1 && word == "deleted":
			script.Answer = "deleted"
		}
	}
	return script.Step()
}

func values(all map[string]fakeredis.Value) map[string]rules.Value {
	some := make(map[string]rules.Value)
	for key, v := range all {
		some[key] = rules.Value{Text: v.Text, Hash: v.Hash, Kind: v.Kind, TTL: v.TTL}
	}
	return some
}
