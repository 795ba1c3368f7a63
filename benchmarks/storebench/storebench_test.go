package storebench_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/benchmarks/storebench"
	"github.com/advoware-go/advoware/store"
)

// brokenEnv names, in the process that runs the benchmarks, which of the stores they get.
const brokenEnv = "STOREBENCH_TEST_BROKEN"

var errBroken = errors.New("broken on purpose")

// broken is a store with one operation that does not do what it should.
type broken struct {
	store.Map
	how string
}

func (s *broken) Get(ctx context.Context, key string) (store.Token, error) {
	if s.how == "get" {
		return store.Token{}, errBroken
	}
	return s.Map.Get(ctx, key)
}

func (s *broken) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	switch s.how {
	case "swap":
		return store.Token{}, errBroken
	case "forgets":
		return tok, nil
	}
	return s.Map.CompareAndSwap(ctx, key, old, tok)
}

func (s *broken) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	if s.how == "delete" {
		return errBroken
	}
	return s.Map.CompareAndDelete(ctx, key, old)
}

// program stands for a program that is not a test, and calls testing.Benchmark.
const program = "program"

func BenchmarkStore(b *testing.B) {
	if os.Getenv(brokenEnv) == program {
		flag.CommandLine = flag.NewFlagSet(program, flag.ContinueOnError)
	}
	storebench.Run(b, storebench.Config{
		New:          func(testing.TB) store.Store { return &broken{how: os.Getenv(brokenEnv)} },
		FetchLatency: 20 * time.Millisecond, Lifetime: 600 * time.Millisecond,
	})
}

// benchmarks runs those of the benchmarks above that match, each once, as somebody does who has a store.
func benchmarks(t *testing.T, how, which string) (out string, err error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^$", "-test.bench=^BenchmarkStore$/^"+which+"$", "-test.benchtime=1x")
	cmd.Env = append(os.Environ(), brokenEnv+"="+how)
	text, err := cmd.CombinedOutput()
	return string(text), err
}

// Each case is measured with the store and with the floor, and shows its figures.
func TestRunMeasuresEachCase(t *testing.T) {
	out, err := benchmarks(t, "", ".*")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, units := range map[string][]string{
		"hit": {"ns/op", "allocs/op"}, "miss": {"ns/op", "allocs/op"}, "put": {"ns/op"}, "delete": {"ns/op"},
		"identities": {"ns/op", "lost/op"}, "stampede": {"over-ms", "requests/op"},
		"expiry": {"p50-us", "p99.9-us", "max-us", "held-up/op", "failed/op", "requests/op"},
	} {
		for _, s := range []string{"mine", "map"} {
			line := regexp.MustCompile(`(?m)^BenchmarkStore/case=` + name + `/store=` + s + `(-\d+)?\s.*$`).FindString(out)
			for _, unit := range units {
				if !strings.Contains(line, " "+unit) {
					t.Errorf("%s with %s: no %s in %q", name, s, unit, line)
				}
			}
			if name == "stampede" && figure(line, "requests/op") != 1 {
				t.Errorf("%s with %s: %q; want one request", name, s, line)
			}
			if name == "expiry" && (figure(line, "requests/op") < 2 || figure(line, "failed/op") != 0) {
				t.Errorf("%s with %s: %q; want that the token is replaced and nothing fails", name, s, line)
			}
		}
	}
}

// figure reads what stands before a unit, -1 if nothing does.
func figure(line, unit string) float64 {
	fields := strings.Fields(line)
	for i, f := range fields {
		if f == unit && i > 0 {
			v, err := strconv.ParseFloat(fields[i-1], 64)
			if err == nil {
				return v
			}
		}
	}
	return -1
}

// A program without the flags of a test may call it too, in testing.Benchmark.
func TestRunInAProgram(t *testing.T) {
	if out, err := benchmarks(t, program, "case=hit"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// A store that does not work has no figures, but an error.
func TestRunFailsWithAStoreThatIsBroken(t *testing.T) {
	for how, name := range map[string]string{"get": "case=miss", "swap": "case=hit", "forgets": "case=hit", "delete": "case=delete"} {
		out, err := benchmarks(t, how, name)
		if err == nil || !strings.Contains(out, "--- FAIL: BenchmarkStore/"+name+"/store=mine") {
			t.Errorf("%s: %v\n%s", how, err, out)
		}
		if strings.Contains(out, "--- FAIL: BenchmarkStore/"+name+"/store=map") {
			t.Errorf("%s: the floor fails too\n%s", how, out)
		}
	}
}
