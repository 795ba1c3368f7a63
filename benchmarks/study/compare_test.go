package study_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/load"
	"github.com/advoware-go/advoware/benchmarks/study/report"
)

// roundFiles writes rounds in which all calls took so long, and returns their names with
// commas between them.
func roundFiles(t *testing.T, took ...time.Duration) string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for i, d := range took {
		h := load.NewHistogram()
		h.Record(d)
		s := report.Spread{Count: 1, Mean: d, P50: d, P90: d, P99: d, P999: d, P9999: d, Max: d, Histogram: h}
		none := report.Spread{Histogram: load.NewHistogram()}
		study := &report.Study{Format: report.Format, Runs: []report.Run{{
			Scenario: "cold", Store: "map", Duration: time.Second, Latency: s, Uncorrected: s, Failures: none, Lag: none,
		}}}
		folder := filepath.Join(dir, fmt.Sprint(i))
		if err := os.Mkdir(folder, 0o777); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, "study.json")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := study.WriteJSON(f); err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
		if i%2 == 0 {
			path = folder // as good
		}
		paths = append(paths, path)
	}
	return strings.Join(paths, ",")
}

func TestCompare(t *testing.T) {
	const ms = time.Millisecond
	a, twice := roundFiles(t, 10*ms, 11*ms, 12*ms, 13*ms), roundFiles(t, 24*ms, 25*ms, 26*ms, 27*ms)
	three := roundFiles(t, 30*ms, 30*ms, 30*ms)
	svg := filepath.Join(t.TempDir(), "ratio.svg")
	for _, tt := range []struct {
		args      []string
		status    int
		out, errs string
	}{
		{[]string{a, twice, "--picture", svg}, 0, "slower", ""},
		{[]string{twice, a, "--bound", "1.1"}, 0, "faster", ""},
		{[]string{a, a, "--bound", "1"}, 0, "no difference", ""},
		{[]string{a, twice, "--bound", "1.1"}, 1, "slower", "cold with map: p99 is at least 1.85 times as slow, beyond 1.1"},
		{[]string{a, twice, "--bound", "3"}, 0, "slower", ""},
		{[]string{a, three}, 0, "4 and 3 rounds", ""},
		{[]string{a, three, "--bound", "1.1"}, 2, "", "needs 4 rounds"},
		{[]string{a, twice, "--bound", "0.5"}, 2, "", "at least 1"},
		{[]string{a, filepath.Join(t.TempDir(), "none.json")}, 2, "", "none.json"},
		{[]string{a}, 2, "", "expected"},
	} {
		out, errs, status := command(t.Context(), append([]string{"compare"}, tt.args...)...)
		if status != tt.status || !strings.Contains(out, tt.out) || !strings.Contains(errs, tt.errs) || tt.errs == "" && errs != "" {
			t.Errorf("%.40q: status %d, want %d\n%s\n%s", tt.args[1:], status, tt.status, out, errs)
		}
	}
	if picture, err := os.ReadFile(svg); err != nil || !strings.Contains(string(picture), "cold, map") {
		t.Errorf("the picture: %v\n%s", err, picture)
	}
}
