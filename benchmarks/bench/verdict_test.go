package bench_test

import (
	"os"
	"strings"
	"testing"
)

// goalRows returns the rows of the table of goals, each without its first column and bound.
func goalRows(out string) string {
	var rows []string
	for line := range strings.Lines(out) {
		if cells := strings.Split(strings.TrimSpace(line), " | "); len(cells) == 5 {
			rows = append(rows, strings.Join([]string{cells[1], cells[3], strings.TrimSuffix(cells[4], " |")}, ": "))
		}
	}
	return strings.Join(rows, "\n") + "\n"
}

func TestGoalsAreComparedWithWhatWasMeasured(t *testing.T) {
	const byHand, ours = "BenchmarkCall/impl=by-hand-2 ", "BenchmarkCall/impl=advoware-2 "
	for _, c := range []struct {
		name, results string
		status        int
		want          []string
	}{
		{"at the limit", byHand + "1 100 p50-us 10 allocs/op\n" + ours + "1 103 p50-us 10 allocs/op\n", 0,
			[]string{"p50 / by hand: 1.03: reached", "x/oauth2 / by hand: -: ", "allocations more than by hand: +0: reached", "within their scatter: -: -"}},
		{"over it", byHand + "1 100 p50-us 10 allocs/op\n" + ours + "1 104 p50-us 11 allocs/op\n", 1,
			[]string{"p50 / by hand: 1.04: **missed**", "allocations more than by hand: +1: **missed**"}},
		{"over it by less than is shown", byHand + "1 10000 p50-us\n" + ours + "1 10301 p50-us\n", 1,
			[]string{"p50 / by hand: 1.03: **missed**", "allocations more than by hand: -: -"}},
		{"ratios of rounds", byHand + "1 100 p50-us\n" + ours + "1 102 p50-us\n" + byHand + "1 50 p50-us\n" + ours + "1 51 p50-us\n" +
			byHand + "1 50 p50-us\n" + ours + "1 102 p50-us\n", 0, // the median of ours is 102, of the others 50
			[]string{"p50 / by hand: 1.02: reached"}},
		{"the median counts", "BenchmarkFailing/store=tiered 1 1 requests/op\nBenchmarkIdentityMemory/layer=store/store=memory 1 900 B/identity\n" +
			"BenchmarkIdentityMemory/layer=store/store=memory 1 150 B/identity\nBenchmarkIdentityMemory/layer=store/store=memory 1 100 B/identity\n", 0,
			[]string{"memory of an identity in the near store, bytes: 150: reached", "the same: 150: (not)", "goroutines of an idle identity: -: -"}},
		{"the worst round counts", "BenchmarkFailing/store=tiered 1 1 requests/op\nBenchmarkFailing/store=tiered 1 1 requests/op\nBenchmarkFailing/store=tiered 1 2 requests/op\n", 1,
			[]string{"requests for all calls: 2: **missed**"}},
		{"too few rounds", "BenchmarkStampede/store=tiered 999 1 requests/round\n", 0,
			[]string{"requests in each of 1,000 rounds: -: -", "over the request / closing a channel: -: -"}},
		{"a round with two", "BenchmarkStampede/store=tiered 999 1.001 requests/round\n", 1,
			[]string{"requests in each of 1,000 rounds: 1.001: **missed**"}},
		{"enough rounds", "BenchmarkStampede/store=tiered 500 1 requests/round\nBenchmarkStampede/store=tiered 500 1 requests/round\n", 0,
			[]string{"requests in each of 1,000 rounds: 1: reached"}},
		{"the fastest peer", "BenchmarkToken/store=tiered/state=hit/parallel=1 1 10 ns/op\nBenchmarkToken/store=otter/state=hit/parallel=1 1 90 ns/op\n" +
			"BenchmarkToken/store=theine/state=hit/parallel=1 1 49 ns/op\nBenchmarkToken/store=map/state=hit/parallel=1 1 12 ns/op\n" +
			"BenchmarkToken/store=pointer-load+time.Now/state=hit/parallel=1 1 11 ns/op\n", 1,
			[]string{"the fastest peer / a hit, one core: 4.9: **missed**"}},
		{"at least", "BenchmarkToken/store=tiered/state=hit/parallel=1 1 10 ns/op\nBenchmarkToken/store=otter/state=hit/parallel=1 1 50 ns/op\n", 0,
			[]string{"the fastest peer / a hit, one core: 5: reached"}},
		{"below", "BenchmarkTokenCounted/count=on/parallel=1 1 10 ns/op\nBenchmarkTokenCounted/count=on/parallel=2-2 1 10 ns/op\n", 1,
			[]string{"with counters on two cores / on one: 1: **missed**"}},
		{"one round", "# 1 rounds of 60ms each\n" + byHand + "1 100 p50-us\n" + ours + "1 103 p50-us\n", 0, []string{"p50 / by hand: 1.03: reached"}},
		{"one side has no results", ours + "1 103 p50-us\n", 0, []string{"p50 / by hand: -: -"}},
		{"within the scatter", strings.Repeat(byHand+"1 100 p50-us\n", 3) + byHand + "1 110 p50-us\n" + ours + "1 102 p50-us\n", 0,
			[]string{"within their scatter: 0.927: reached"}},
		{"beyond the scatter", strings.Repeat(byHand+"1 100 p50-us\n", 4) + ours + "1 102 p50-us\n", 1,
			[]string{"p50 / by hand: 1.02: reached", "within their scatter: 1.02: **missed**"}},
		{"two in turn", "BenchmarkRedisSwap-2 1 40 swap-us 20 least-us 60 with-identity-us\nBenchmarkRedisSwap-2 1 28 swap-us 20 least-us\nBenchmarkRedisSwap-2 1 29 swap-us 20 least-us\n", 0,
			[]string{"a CompareAndSwap / the least script, call by call: 1.45: reached", "identity / the least script: 3: ", "a Get / a ping: -: "}},
		{"nothing", "", 0, []string{"with counters and all hooks, one core: -: -", "\n0 reached, 0 missed, 89 not measured.\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, errs, status := command(t.Context(), c.results, "goals")
			if status != c.status || errs != "" {
				t.Errorf("status %d, %q; want %d", status, errs, c.status)
			}
			for _, want := range c.want {
				if !strings.Contains("\n"+goalRows(out)+out, want) {
					t.Errorf("no %q in\n%s\n%s", want, goalRows(out), out)
				}
			}
		})
	}
}

// TestReadmeHasTheGoals compares the README with what the command says of the raw results, in which
// every goal was measured but those that have a run of their own: of the proxy, with OpenTelemetry, and
// of many clients.
func TestReadmeHasTheGoals(t *testing.T) {
	out, errs, _ := command(t.Context(), "", "goals", "../results/2026-11-30-linux-amd64.txt")
	if errs != "" || !strings.Contains(out, " 7 not measured") {
		t.Fatalf("%s%s", errs, out)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), out) {
		t.Errorf("README.md does not have this:\n%s", out)
	}
}

func TestMachineIsShown(t *testing.T) {
	out, _, _ := command(t.Context(), "", "goals", "../results/2026-11-28-linux-amd64-S9.txt")
	const want = "linux/amd64, AMD EPYC, 2 cores, go1.26.8, Redis 7.0.15, Linux 6.18.44-fc-v857, commit 21acb4e6d8cf, 16 rounds of 200ms\n"
	if !strings.HasPrefix(out, want) {
		t.Errorf("%s\nwant it to begin with\n%s", out, want)
	}
}
