// Package proof_test has spin search the models in this folder. README.md says what they are.
package proof_test

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// long is for hours and more memory, by make model.
var long = flag.Bool("long", false, "search with longer bounds too")

// search is one run of spin over a model.
type search struct {
	model  string
	bounds string // flags of the preprocessor
	breaks string // the property that a seeded mistake breaks; "" for none
	long   bool
}

// searches within the short bounds fit into two minutes on two cores, and into 2 GB.
var searches = []search{
	{model: "lease", bounds: "-DPROCS=2 -DFAULTS=0 -DSLEEPS=1"},
	{model: "lease", bounds: "-DPROCS=2 -DFAULTS=1 -DSLEEPS=0"},
	{model: "lease", bounds: "-DPROCS=2 -DFAULTS=1 -DSLEEPS=0 -DREFUSING"},
	{model: "lease", bounds: "-DPROCS=3 -DFAULTS=0 -DSLEEPS=0 -DCUTOFF"},
	{model: "tiers", bounds: "-DFAULTS=0 -DREVOKED=0"},
	{model: "tiers", bounds: "-DFAULTS=0 -DREVOKED=1 -DCALLS1=0"},
	{model: "tiers", bounds: "-DFAULTS=1 -DREVOKED=1 -DCALLS=0"},
	{model: "tiers", bounds: "-DFAULTS=1 -DREVOKED=0 -DCALLS1=0"},

	{model: "lease", bounds: "-DBUG_TTL -DPROCS=2 -DFAULTS=1 -DSLEEPS=0", breaks: "token_within_a_bound"},
	{model: "lease", bounds: "-DBUG_COMPARE -DPROCS=2 -DFAULTS=0 -DSLEEPS=1", breaks: "late_write_changes_nothing_newer"},
	{model: "lease", bounds: "-DBUG_RELEASE -DPROCS=3 -DFAULTS=0 -DSLEEPS=1 -DCUTOFF", breaks: "one_holder_in_a_term"},
	{model: "lease", bounds: "-DBUG_TAKEOVER -DPROCS=3 -DFAULTS=0 -DSLEEPS=0 -DCUTOFF", breaks: "one_holder_in_a_term"},
	{model: "lease", bounds: "-DBUG_REFUSAL -DPROCS=2 -DFAULTS=0 -DSLEEPS=0 -DREFUSING", breaks: "one_refusal_one_request"},
	{model: "lease", bounds: "-DBUG_OUTAGE -DPROCS=3 -DFAULTS=0 -DSLEEPS=0 -DCUTOFF", breaks: "outage_is_shared_with_those_who_met_it"},
	{model: "tiers", bounds: "-DBUG_TOMBSTONE -DFAULTS=1 -DREVOKED=1 -DCALLS1=0", breaks: "deletion_is_not_undone"},
	{model: "tiers", bounds: "-DBUG_GAP -DFAULTS=1 -DREVOKED=0 -DCALLS=0", breaks: "loss_is_no_deletion"},
	{model: "tiers", bounds: "-DBUG_RESTORE -DFAULTS=1 -DREVOKED=0 -DCALLS1=0", breaks: "late_write_changes_nothing_newer"},
	{model: "tiers", bounds: "-DBUG_LOOK -DFAULTS=0 -DREVOKED=0", breaks: "near_and_far_agree_in_the_end"},
	{model: "tiers", bounds: "-DBUG_ADOPT -DFAULTS=0 -DREVOKED=1 -DCALLS1=0", breaks: "refused_token_is_not_handed_out"},
	{model: "tiers", bounds: "-DBUG_UNSEEN -DFAULTS=1 -DREVOKED=1 -DCALLS1=0", breaks: "loss_is_no_deletion"},
	{model: "tiers", bounds: "-DBUG_MISSED -DFAULTS=1 -DREVOKED=0 -DCALLS1=0", breaks: "loss_is_no_deletion"},

	{model: "lease", bounds: "-DPROCS=2 -DFAULTS=1 -DSLEEPS=1", long: true},
	{model: "lease", bounds: "-DPROCS=2 -DFAULTS=1 -DSLEEPS=1 -DCUTOFF", long: true},
	{model: "lease", bounds: "-DPROCS=3 -DFAULTS=0 -DSLEEPS=1 -DCUTOFF", long: true},
	{model: "tiers", bounds: "-DFAULTS=2 -DREVOKED=0 -DCALLS=0", breaks: "loss_is_no_deletion", long: true}, // known: README.md
	{model: "tiers", bounds: "-DFAULTS=1 -DREVOKED=1 -DCALLS1=0", long: true},
	{model: "tiers", bounds: "-DFAULTS=0 -DREVOKED=1", long: true},
}

func TestModels(t *testing.T) {
	for _, program := range []string{"spin", "cc"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("ADVOWARE_REQUIRE_PROGRAMS") == "1" {
				t.Fatal(err)
			}
			t.Skipf("%v: tools/need %s installs it", err, program)
		}
	}
	for _, s := range searches {
		if s.long && !*long {
			continue
		}
		t.Run(s.model+" "+strings.ReplaceAll(s.bounds, "-D", ""), func(t *testing.T) {
			t.Parallel()
			out := s.run(t)
			broken, failed := brokenBy(out)
			switch {
			case !strings.Contains(out, "errors: ") || strings.Contains(out, "Search not completed") && !failed,
				strings.Contains(out, "max search depth too small"):
				t.Fatalf("the search was not exhaustive:\n%s", out)
			case s.breaks == "" && failed:
				t.Errorf("%s is broken; proof/README.md says how to see the way there\n%s", broken, out)
			case s.breaks != "" && broken != s.breaks:
				t.Errorf("breaks %q, want %q: the model does not find this mistake\n%s", broken, s.breaks, out)
			}
			t.Log(strings.Join(figures.FindAllString(out, -1), "; "), broken)
		})
	}
}

// Each mistake that is seeded in a model is searched for within the short bounds.
func TestEachSeededMistakeIsSearchedFor(t *testing.T) {
	models, err := filepath.Glob("*.pml")
	if err != nil || len(models) == 0 {
		t.Fatalf("no models: %v", err)
	}
	for _, name := range models {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, mistake := range seeded.FindAllString(string(text), -1) {
			if !slices.ContainsFunc(searches, func(s search) bool { return strings.HasPrefix(s.bounds, "-D"+mistake+" ") && s.breaks != "" && !s.long }) {
				t.Errorf("%s: %s is not searched for", name, mistake)
			}
		}
	}
}

var (
	seeded    = regexp.MustCompile(`BUG_[A-Z]+`)
	violation = regexp.MustCompile(`assertion violated \(*([a-z_]+)`)
	figures   = regexp.MustCompile(`\d+ states, stored|[0-9.]+\ttotal actual memory usage|elapsed time [0-9.]+ seconds`)
)

// brokenBy returns the first name in the assertion that failed, which is that of the property.
func brokenBy(out string) (property string, failed bool) {
	if m := violation.FindStringSubmatch(out); m != nil {
		return m[1], true
	}
	return "", !strings.Contains(out, "errors: 0")
}

// run returns what the search prints.
func (s search) run(t *testing.T) string {
	t.Helper()
	source, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	dir, bounds := t.TempDir(), strings.Fields(s.bounds)
	optimise, memory := "-O2", "-DMEMLIM=1800"
	if s.breaks != "" {
		optimise = "-O1" // it ends soon
	}
	if s.long {
		memory = "-DMEMLIM=32000"
	}
	command := func(name string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || name != "./pan") {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		return string(out)
	}
	for _, name := range []string{"redis.pml", s.model + ".pml"} {
		text, err := os.ReadFile(filepath.Join(source, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	command("spin", append(append([]string{"-a"}, bounds...), s.model+".pml")...)
	command("cc", optimise, "-w", "-DSAFETY", "-DNOFAIR", "-DCOLLAPSE", "-DVECTORSZ=1024", memory, "-o", "pan", "pan.c")
	return command("./pan", "-m100000", "-w22")
}
