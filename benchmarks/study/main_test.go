package study_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/advoware-go/advoware/benchmarks/study"
	"github.com/advoware-go/advoware/benchmarks/study/report"
	"github.com/advoware-go/advoware/store"
)

// The test binary is the command, or a member of its fleet, if it is started as one.
func TestMain(m *testing.M) {
	if os.Getenv(playEnv) == "1" || len(os.Args) == 2 && os.Args[1] == "member" {
		study.Main(mapStore(), tellingStore(), deafStore())
	}
	os.Exit(m.Run())
}

// mapStore is a store of somebody else's.
func mapStore() study.Store {
	return study.Store{
		Name: "map", Help: "a map under a mutex",
		Open: func(study.Site) (store.Store, func() error, error) { return new(store.Map), nil, nil },
	}
}

// command runs a command line and returns what it prints and its status.
func command(ctx context.Context, args ...string) (out, errs string, status int) {
	var o, e bytes.Buffer
	status = study.Run(ctx, args, strings.NewReader(""), &o, &e, mapStore())
	return o.String(), e.String(), status
}

func readStudy(t *testing.T, dir string) *report.Study {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "study.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := report.ReadJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A store that panics is an error in the report, after what was measured with the others.
func TestStoreThatPanics(t *testing.T) {
	faulty := study.Store{Name: "faulty", Open: func(study.Site) (store.Store, func() error, error) { panic("a fault") }}
	dir := t.TempDir()
	var errs bytes.Buffer
	status := study.Run(t.Context(), append(short, "--scenario", "steady", "--store", "memory,faulty", "--out", dir), strings.NewReader(""), io.Discard, &errs, faulty)
	s := readStudy(t, dir)
	if status != 1 || len(s.Runs) != 1 || len(s.Skipped) != 1 || !strings.Contains(s.Error, "steady with faulty") || !strings.Contains(s.Skipped[0].Why, "panic: a fault") {
		t.Errorf("status %d, %d runs, %q, %+v\n%s", status, len(s.Runs), s.Error, s.Skipped, &errs)
	}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

var short = []string{"--rate", "200", "--duration", "300ms", "--workers", "4", "--token-latency", "30ms"}

func TestStudyWritesAllForms(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	out, errs, status := command(t.Context(), append(short, "--scenario", "cold", "--store", "map", "--store", "memory", "--out", dir)...)
	if status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	if want := []string{"cold-map.hgrm", "cold-memory.hgrm", "curves-dark.svg", "curves-light.svg", "report.html", "study.json", "summary.csv", "timeline.csv"}; !slices.Equal(files(t, dir), want) {
		t.Errorf("written: %v", files(t, dir))
	}
	s := readStudy(t, dir)
	if s.Partial || len(s.Runs) != 2 || s.Runs[0].Store != "memory" || s.Runs[1].Store != "map" {
		t.Fatalf("%+v", s.Runs)
	}
	for _, r := range s.Runs {
		// At the start, and by the new process in the middle.
		if r.Done != 60 || r.Failed != 0 || r.TokenRequests != 2 || r.Latency.Count != 60 || r.Hits+r.Waits != 60 {
			t.Errorf("%s: %+v", r.Store, r)
		}
		if !strings.Contains(out, r.Store) {
			t.Errorf("the table has no %s:\n%s", r.Store, out)
		}
	}
	f, err := os.Open(filepath.Join(dir, "summary.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if rows, err := csv.NewReader(f).ReadAll(); err != nil || len(rows) != 3 {
		t.Errorf("summary: %v %v", rows, err)
	}
}

func TestRenderMakesTheReportAgain(t *testing.T) {
	dir := t.TempDir()
	if _, errs, status := command(t.Context(), append(short, "run", "--scenario", "steady", "--store", "memory", "--out", dir, "--format", "json")...); status != 0 {
		t.Fatal(errs)
	}
	if got := files(t, dir); !slices.Equal(got, []string{"study.json"}) {
		t.Fatalf("written: %v", got)
	}
	if _, errs, status := command(t.Context(), "render", filepath.Join(dir, "study.json")); status != 0 {
		t.Fatal(errs)
	}
	if got := files(t, dir); !slices.Equal(got, []string{"curves-dark.svg", "curves-light.svg", "report.html", "steady-memory.hgrm", "study.json", "summary.csv", "timeline.csv"}) {
		t.Errorf("written: %v", got)
	}
}

// askedStore says when it has been asked more often than there are workers: by then some
// calls have ended.
type askedStore struct {
	store.Map
	n      atomic.Int64
	enough func()
}

func (s *askedStore) Get(ctx context.Context, key string) (store.Token, error) {
	if s.n.Add(1) == 100 {
		s.enough()
	}
	return s.Map.Get(ctx, key)
}

// A study that is interrupted writes what it has, marked, and leaves nothing half
// written.
func TestInterruptedStudyWritesWhatItHas(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	asked := study.Store{Name: "asked", Open: func(study.Site) (store.Store, func() error, error) {
		return &askedStore{enough: cancel}, nil, nil
	}}
	var out, e bytes.Buffer
	status := study.Run(ctx, []string{
		"--rate", "100", "--duration", "1h", "--scenario", "steady", "--store", "asked", "--store", "map", "--out", dir,
	}, strings.NewReader(""), &out, &e, asked, mapStore())
	errs := e.String()
	if status != 1 || !strings.Contains(errs, "broken off") {
		t.Errorf("status %d: %s", status, errs)
	}
	s := readStudy(t, dir)
	if !s.Partial || len(s.Runs) != 1 || !s.Runs[0].Partial || s.Runs[0].Done == 0 || s.Runs[0].Done >= s.Runs[0].Planned {
		t.Errorf("%+v", s)
	}
	if len(s.Skipped) != 1 || s.Skipped[0].Store != "map" {
		t.Errorf("skipped: %v", s.Skipped)
	}
	if got := files(t, dir); len(got) != 7 {
		t.Errorf("written: %v", got)
	}
}

func TestFleetOfProcesses(t *testing.T) {
	for _, tt := range []struct {
		store    string
		redis    bool
		requests int
	}{
		{"map", false, 3}, // each process for itself
		{"tiered", true, 1},
	} {
		t.Run(tt.store, func(t *testing.T) {
			if tt.redis {
				needRedis(t)
			}
			dir := t.TempDir()
			_, errs, status := command(t.Context(), "--scenario", "fleet", "--processes", "3", "--store", tt.store, "--format", "json", "--out", dir,
				"--rate", "300", "--duration", "1s", "--token-latency", "300ms")
			if status != 0 {
				t.Fatal(errs)
			}
			r := readStudy(t, dir).Runs[0]
			if r.Processes != 3 || r.Planned != 300 || r.Done != 300 || r.Failed != 0 || r.TokenRequests != tt.requests || r.Latency.Count != 300 {
				t.Errorf("%+v", r)
			}
			if r.Hits+r.Waits != 300 || len(r.Events) == 0 {
				t.Errorf("%d hits, %d waits, events %v", r.Hits, r.Waits, r.Events)
			}
		})
	}
}

func needRedis(t *testing.T) {
	t.Helper()
	const requireEnv = "ADVOWARE_REQUIRE_REDIS"
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv(requireEnv) == "1" {
			t.Fatalf("no redis-server on PATH, and %s=1 demands one", requireEnv)
		}
		t.Skipf("no redis-server on PATH: a real Redis is needed here (%s=1 makes this a failure)", requireEnv)
	}
}

func TestWrongCommandLines(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ args, want string }{
		{"--scenario nonsense", `no scenario "nonsense"; there are steady, cold, expiry, storm, outage, slow, large, tenants, discovery, fleet`},
		{"--store nonsense", `no store "nonsense"; there are memory, redis, tiered, map`},
		{"--rate 0", "--rate is 0"},
		{"--rate=-1 --workers 0", "--workers is 0"}, // all at once
		{"--rate NaN", "--rate is NaN"},
		{"--rate 1e6 --duration 1h", "calls; it must be"},
		{"--duration 1ms", "--duration is 1ms"},
		{"--duration soon", "--duration"},
		{"--processes 0", "--processes is 0"},
		{"--token-latency=-1s", "--token-latency is -1s"},
		{"--api-latency 1h", "--api-latency is 1h"},
		{"--discovery-latency=-1s", "--discovery-latency is -1s"},
		{"--tenants 0", "--tenants is 0; it must be from 1 to 20000"},
		{"--tenants 20001", "--tenants is 20001"},
		{"--tenants many", "--tenants"},
		{"--spread wide", "--spread"},
		{"--scenario tenants --load call", "cannot be played with --load call"},
		{"--scenario discovery --load token", "cannot be played with --load token"},
		{"--load nothing", "--load"},
		{"--format pdf", `no form "pdf"`},
		{"--out " + file, "is not a folder"},
		{"--out " + filepath.Join(file, "sub") + " --duration 100ms --scenario steady --store map", "not a directory"},
		{"--out /proc --duration 100ms --scenario steady --store map", "--out /proc"}, // is there, but takes no files
		{"--scenario storm --load token", "cannot be played with --load token"},
		{"--scenario outage --store memory", "the store does not use Redis"},
		{"--bogus", "--bogus"},
		{"--scenario= --store map", "--scenario: it is empty"}, // as of an unset variable of a shell
		{"--store=", "--store: it is empty"},
		{"--scenario cold,", "--scenario: it is empty"},
		{"--out=", "--out: it is empty"},
		{"--format=", "--format: it is empty"},
		{"--scenario", "--scenario: it needs a value"},
		{"--scenario dry --scenario wet", `no scenario "dry" or "wet"; there are`},
		{"--store x --store map,y", `no store "x" or "y"; there are`},
		{"--rate 0 --workers 0 --store x --format pdf", `no form "pdf"; there are html, json, csv, svg, hgrm; --rate is 0; it must be above 0 and at most 10000000; --workers is 0; it must be from 1 to 10000; there is no store "x"`},
		{"--out report.html", "--out report.html looks like a file, but it names the folder"},
		{"--out a/study.JSON", "--out a/study.JSON looks like a file"},
		{"render --out summary.csv " + file, "--out summary.csv looks like a file"},
		{"render", "render needs the JSON of a study"},
		{"render " + file + "x", "no such file"},
	} {
		if strings.HasPrefix(tt.args, "--out /proc") && runtime.GOOS != "linux" {
			continue
		}
		out, errs, status := command(t.Context(), strings.Fields(tt.args)...)
		if status != 2 || !strings.Contains(errs, tt.want) || strings.Count(errs, "\n") != 1 || out != "" {
			t.Errorf("%s: status %d: %s%s", tt.args, status, errs, out)
		}
	}
	if _, errs, status := command(t.Context(), "render", file); status != 1 || !strings.Contains(errs, "format") {
		t.Errorf("render of something else: status %d: %s", status, errs)
	}
}

func TestListNamesEverything(t *testing.T) {
	out, errs, status := command(t.Context(), "list")
	if status != 0 {
		t.Fatal(errs)
	}
	for _, name := range []string{"steady", "cold", "expiry", "storm", "outage", "slow", "large", "tenants", "discovery", "fleet", "memory", "redis", "tiered", "map"} {
		if !strings.Contains(out, "  "+name+" ") {
			t.Errorf("there is no %s in\n%s", name, out)
		}
	}
}

func TestStoresThatCannotBeUsed(t *testing.T) {
	open := mapStore().Open
	for name, s := range map[string]study.Store{
		"no name":      {Open: open},
		"a bad name":   {Name: "My Store", Open: open},
		"no Open":      {Name: "mine"},
		"no own Open":  study.Own("mine", nil),
		"a name twice": {Name: "memory", Open: open},
	} {
		var errs bytes.Buffer
		if status := study.Run(t.Context(), []string{"list"}, strings.NewReader(""), io.Discard, &errs, s); status != 2 || errs.Len() == 0 {
			t.Errorf("%s: status %d: %s", name, status, &errs)
		}
	}
}

// Without a redis-server the stores that need one are left out, and the report says so.
func TestNoRedisServer(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	dir := t.TempDir()
	_, errs, status := command(t.Context(), append(short, "--scenario", "steady", "--format", "json", "--out", dir)...)
	if status != 0 {
		t.Fatal(errs)
	}
	s := readStudy(t, dir)
	if len(s.Runs) != 2 || len(s.Skipped) != 2 || !strings.Contains(s.Skipped[0].Why, "redis-server") {
		t.Errorf("%d runs, skipped %v", len(s.Runs), s.Skipped)
	}
}
