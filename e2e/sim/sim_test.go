package sim_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/advoware-go/advoware/e2e/sim"
)

var (
	schedules = flag.Int("schedules", 2000, "how many schedules are run")
	events    = flag.Int("events", 24, "how many events one has at most")
	seed      = flag.Uint64("seed", 1, "decides which ones; 0 for others each time")
	long      = flag.Duration("long", 0, "go on for so long with others")
)

func TestMain(m *testing.M) {
	flag.Parse()
	set("rapid.nofailfile", "true")
	set("rapid.shrinktime", "20s")
	os.Exit(m.Run())
}

func set(name, value string) {
	if err := flag.Set(name, value); err != nil {
		panic(err)
	}
}

// workers run schedules side by side.
const workers = 2

// TestSchedules draws schedules, and asks of each what must hold.
func TestSchedules(t *testing.T) {
	set("rapid.checks", strconv.Itoa(max(1, *schedules/workers)))
	for i := range workers {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			seed := *seed
			if seed != 0 {
				seed = workers*seed + uint64(i)
			}
			check(t, seed)
			for began := time.Now(); time.Since(began) < *long && !t.Failed(); {
				check(t, 0)
			}
		})
	}
}

// seeding is for the seed of rapid, which is one for all of a program.
var seeding sync.Mutex

func check(t *testing.T, seed uint64) {
	plans := sim.Draw(*events)
	seeding.Lock()
	read := sync.OnceFunc(seeding.Unlock)
	set("rapid.seed", strconv.FormatUint(seed, 10))
	rapid.Check(t, func(rt *rapid.T) {
		read()
		plan := plans.Draw(rt, "schedule")
		if broken, log := sim.Run(t, plan, sim.Mistake{}); len(broken) > 0 {
			rt.Fatal(report(plan, broken, log))
		}
	})
}

func report(plan sim.Schedule, broken, log []string) string {
	return fmt.Sprintf("%s\n\n%v\n%s", strings.Join(broken, "\n"), plan, strings.Join(log, "\n"))
}

// TestFoundOnes runs the schedules that found a fault of the code, which is mended since.
func TestFoundOnes(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "found", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("no schedules: ", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			plan := read(t, file)
			if broken, log := sim.Run(t, plan, sim.Mistake{}); len(broken) > 0 {
				t.Error(report(plan, broken, log))
			}
		})
	}
}

var replay = flag.String("replay", "", "a file with one schedule, as a failure prints it")

// TestReplay runs one schedule, and says what happens.
func TestReplay(t *testing.T) {
	if *replay == "" {
		t.Skip("no -replay")
	}
	plan := read(t, *replay)
	broken, log := sim.Run(t, plan, sim.Mistake{})
	t.Log(report(plan, broken, log))
	if len(broken) > 0 {
		t.Fail()
	}
}

// read returns the schedule in a file.
func read(t *testing.T, file string) sim.Schedule {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := sim.Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}
