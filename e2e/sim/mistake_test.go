package sim_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/e2e/sim"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// without returns a mistake in a script: new is in the place of old.
func without(old, new string) sim.Mistake {
	return sim.Mistake{Script: func(source string) string { return strings.Replace(source, old, new, 1) }}
}

// mistakes are those of the models in proof, and what each breaks. Any of the properties will
// do: a simulation meets the one that comes first.
var mistakes = []struct {
	name    string
	mistake sim.Mistake
	breaks  string
}{
	{"the write compares nothing", without("stays = not string.find(value, '[^!-~]')", "stays = false"),
		"code_and_model_agree late_write_changes_nothing_newer no_foreign_identity"},
	{"the deletion compares nothing", without("if value == ARGV[2] then\n  -- DEL", "if true then\n  -- DEL"), "late_write_changes_nothing_newer"},
	{"no tombstone is written", without("redis.pcall('SET', KEYS[3], '1', 'PX', ARGV[3])", ""), "deletion_is_not_undone near_and_far_agree_in_the_end"},
	{"a tombstone keeps nothing out", without("if buried ~= '' then", "if false then"), "deletion_is_not_undone"},
	{"any TTL of a lease is believed", without("return ms <= tonumber(most) and ms or -1", "return ms"), "code_and_model_agree bounded_waits"},
	{"the lease is given back by anybody", without("local mine = redis.pcall('GETRANGE', KEYS[1], 0, 64) == ARGV[1]", "local mine = true"), "one_holder_in_a_term outage_is_shared_with_those_who_met_it"},
	{"any holder is taken over", without("and not (ARGV[9] == '1' and holder == ARGV[5])", "and ARGV[9] ~= '1'"), "one_holder_in_a_term code_and_model_agree"},
	{"a lease that has run out is prolonged", without("if redis.pcall('GETRANGE', KEYS[1], 0, 64) == ARGV[1] then", "redis.call('SET', KEYS[1], ARGV[1])\n do"), "one_holder_in_a_term every_key_has_a_ttl"},
	{"a refusal is not kept", without("if ARGV[4] == 'refused' then", "if false then"), "one_refusal_one_request"},
	{"an outage is shared with all", without("if ARGV[8] == '1' and ARGV[5] ~= '' then", "if true then"), "code_and_model_agree outage_is_shared_with_those_who_met_it"},
	{"the metadata has no end", without("redis.call('PEXPIRE', KEYS[2], ARGV[6])", ""), "every_key_has_a_ttl"},
	{"a gap is taken for a deletion", sim.Mistake{Watch: func(w tiered.Watch) tiered.Watch { return noGaps{w} }}, "loss_is_no_deletion"},
	{"changes are not followed", sim.Mistake{Watch: func(tiered.Watch) tiered.Watch { return deaf{} }}, "near_and_far_agree_in_the_end"},
	{"evictions are not counted", sim.Mistake{Shared: func(s store.Shared) store.Shared { return uncounted{s} }}, "loss_is_no_deletion"},
}

// noGaps is a Watch that says of each change that it was seen.
type noGaps struct{ tiered.Watch }

func (w noGaps) Follow(key string, changed func(gap bool)) func() {
	return w.Watch.Follow(key, func(bool) { changed(false) })
}

func (noGaps) Link() uint64 { return 1 }

// deaf is a Watch that hears nothing.
type deaf struct{}

func (deaf) Follow(string, func(bool)) func() { return func() {} }
func (deaf) Link() uint64                     { return 1 }

// uncounted does not know of evictions.
type uncounted struct{ store.Shared }

func (s uncounted) Look(ctx context.Context, key string, had store.Token, _ store.Losses) (store.Token, store.Losses, error) {
	tok, now, err := s.Shared.Look(ctx, key, had, store.UnknownLosses)
	if strings.Contains(errText(err), store.ErrLost.Error()) {
		err = store.ErrNotFound
	}
	return tok, now, err
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

var search = flag.Bool("search", false, "draw a schedule anew for each planted fault")

// TestMistakesAreFound plants faults, and wants each to be found by a schedule that was drawn
// and shrunk. With -search another one is drawn.
func TestMistakesAreFound(t *testing.T) {
	for _, c := range mistakes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("testdata", "mistakes", strings.ReplaceAll(c.name, " ", "-")+".txt")
			if *search {
				found := shortest(t, c.mistake, c.breaks)
				if err := os.WriteFile(file, []byte(found.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			plan := read(t, file)
			broken, log := sim.Run(t, plan, c.mistake)
			property := among(broken, c.breaks)
			if property == "" {
				t.Errorf("not found, %s is not broken\n%s", c.breaks, report(plan, broken, log))
			}
			t.Log(property)
			if broken, log := sim.Run(t, plan, sim.Mistake{}); len(broken) > 0 {
				t.Errorf("without the mistake:\n%s", report(plan, broken, log))
			}
		})
	}
}

// shortest draws a schedule that finds a mistake, and shrinks it.
func shortest(t *testing.T, mistake sim.Mistake, breaks string) (plan sim.Schedule) {
	plans := sim.Draw(*events)
	for i := range 20000 {
		if plan = plans.Example(i); finds(t, plan, mistake, breaks) {
			break
		}
	}
	for smaller := true; smaller; {
		smaller = false
		for i := range plan.Events {
			less := plan
			less.Events = slices.Delete(slices.Clone(plan.Events), i, i+1)
			if finds(t, less, mistake, breaks) {
				plan, smaller = less, true
				break
			}
		}
	}
	return plan
}

func finds(t *testing.T, plan sim.Schedule, mistake sim.Mistake, breaks string) bool {
	broken, _ := sim.Run(t, plan, mistake)
	return among(broken, breaks) != ""
}

// among returns what is broken of some properties.
func among(broken []string, properties string) string {
	for _, one := range broken {
		if name, _, _ := strings.Cut(one, ":"); slices.Contains(strings.Fields(properties), name) {
			return one
		}
	}
	return ""
}
