package trace

import (
	"maps"
	"slices"
	"time"

	"github.com/advoware-go/advoware/proof/rules"
)

// arguments is how many the scripts have; another number is another script.
var arguments = map[rules.Op]int{rules.Acquire: 13, rules.Swap: 12, rules.Remove: 3, rules.Prolong: 2, rules.Release: 8}

// run is a script of store/redis while it runs: MONITOR tells each command that it carries out,
// and no answer. What it answered is known by where it ended.
type run struct {
	line
	op         rules.Op
	keys, argv []string
	did        [][]string // its commands
	before     keys

	// still is for how long the server was stopped just then, as the script began or within it: by
	// its clock the script ran before that or after it.
	still time.Duration
}

// answer returns what the script said, "" for one that failed.
func (r run) answer() string {
	switch r.op {
	case rules.Acquire:
		if r.wrote(r.keys[2]) {
			return "yours"
		}
		last := r.did[len(r.did)-1]
		for i, name := range []string{"", "token", "held", "failed", "refused"} {
			if len(last) > 1 && last[1] == r.keys[i] {
				return name
			}
		}
	case rules.Swap:
		switch {
		case r.wrote(r.keys[0]):
			return "stored"
		case r.argv[11] == "1" && r.did[len(r.did)-1][1] == r.keys[2] && r.keys[2] != r.keys[1]:
			return "deleted"
		default:
			return "stands" // or what is there may be replaced, and the new one is too old to be written
		}
	default:
		return "done"
	}
	return ""
}

// wrote reports whether the script has set a key.
func (r run) wrote(key string) bool {
	return slices.ContainsFunc(r.did, func(did []string) bool { return did[0] == "SET" && did[1] == key })
}

// script returns what ran, as it would be if all TTLs were shorter by off.
func (r run) script(after keys, off time.Duration) rules.Script {
	return rules.Script{
		At: r.at, Op: r.op, Keys: r.keys, Argv: r.argv, Answer: r.answer(),
		Before: r.before.at(r.at.Add(off), r.keys), After: after.at(r.at.Add(off), r.keys),
	}
}

// unsure reports whether the script may have met a key that had just ended, or the other way
// round: the clock of MONITOR is not quite the one by which keys end.
func (r run) unsure(after keys) bool {
	if r.before.vague(r.at, r.keys) {
		return true
	}
	here := r.script(after, 0).Step().Before
	for _, off := range []time.Duration{-slack, slack} {
		there := r.script(after, off).Step().Before
		if here.Far != there.Far || here.Lock != there.Lock || here.Buried != there.Buried || here.Failed.Holder != there.Failed.Holder ||
			!slices.Equal(slices.Sorted(maps.Keys(here.Refused)), slices.Sorted(maps.Keys(there.Refused))) {
			return true
		}
	}
	return false
}
