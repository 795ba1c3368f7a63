package bench_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/benchmarks/bench"
)

// The test binary is the command, or the benchmarks that the command runs, if it is
// started as one of them.
const (
	commandEnv = "ADVOWARE_BENCH_TEST_COMMAND"
	playEnv    = "ADVOWARE_BENCH_TEST_PLAY"
	targetEnv  = "ADVOWARE_BENCH_TEST_TARGET"
)

func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "run" && os.Getenv(commandEnv) != "":
		bench.Main()
	case len(os.Args) > 1 && os.Args[1] == "-test.run=^$" && os.Getenv(playEnv) != "":
		play(os.Getenv(playEnv))
	}
	// With the race detector a process that is played would end a second late.
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0")
	os.Exit(m.Run())
}

// play is one round of two benchmarks, which ends in one way or another.
func play(how string) {
	fmt.Printf("goos: linux\ngoarch: amd64\npkg: example\nplayed: %s GOMAXPROCS=%s ADVOWARE_REDIS_SERVER=%s ADVOWARE_REQUIRE_REDIS=%s\n", strings.Join(os.Args[2:], " "),
		os.Getenv("GOMAXPROCS"), os.Getenv("ADVOWARE_REDIS_SERVER"), os.Getenv("ADVOWARE_REQUIRE_REDIS"))
	if how == "none" {
		os.Exit(0)
	}
	fmt.Print("BenchmarkCall/impl=by-hand-2 \t 1 \t 100 p50-us\nBenchmarkCall/impl=advoware-2 \t 1 \t 103 p50-us\n")
	switch how {
	case "fail":
		fmt.Println("--- FAIL: BenchmarkTokenNoAlloc")
		os.Exit(1)
	case "hang":
		fmt.Print("BenchmarkFailing/store=tiered-2 \t")
		select {}
	case "meanwhile":
		if err := os.WriteFile(os.Getenv(targetEnv), []byte("theirs\n"), 0o600); err != nil {
			panic(err)
		}
	}
	fmt.Println("PASS")
	os.Exit(0)
}

// command runs a command line in this process.
func command(ctx context.Context, in string, args ...string) (out, errs string, status int) {
	var o, e bytes.Buffer
	status = bench.Run(ctx, args, strings.NewReader(in), &o, &e)
	return o.String(), e.String(), status
}

func TestWrongCommandLinesAreStatus2(t *testing.T) {
	for _, args := range [][]string{
		{}, {"measure"}, {"run", "--set=S14"}, {"run", "--rounds=0"}, {"run", "--rounds=many"}, {"run", "a", "b"},
		{"tables"}, {"tables", "no such file"}, {"goals", "no such file"},
	} {
		if out, errs, status := command(t.Context(), "", args...); status != 2 || !strings.HasPrefix(errs, "bench: ") {
			t.Errorf("%q: status %d, %q, %q; want 2 and a reason", args, status, out, errs)
		}
	}
}
