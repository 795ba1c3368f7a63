package advowareotel_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
)

// tape has what was scraped, one time a minute.
type tape struct {
	minutes int
	series  map[string][]string // by name and labels; a value for each minute, "_" for none
}

// record takes what Prometheus would scrape as of the next minute.
func (t *tape) record(w *world) {
	if t.series == nil {
		t.series = make(map[string][]string)
	}
	w.spans.Reset()
	all, err := w.gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range all {
		name := f.GetName()
		for _, m := range f.Metric {
			for suffix, v := range values(m) {
				key := name + suffix
				if i := strings.IndexByte(suffix, '|'); i >= 0 { // the bound of a bucket
					key = name + suffix[:i] + labels(m, suffix[i+1:])
				} else {
					key += labels(m, "")
				}
				for len(t.series[key]) < t.minutes {
					t.series[key] = append(t.series[key], "_")
				}
				t.series[key] = append(t.series[key], strconv.FormatFloat(v, 'g', -1, 64))
			}
		}
	}
	t.minutes++
}

// values has the values of a sample, by the end of its name.
func values(m *dto.Metric) map[string]float64 {
	switch {
	case m.Counter != nil:
		return map[string]float64{"": m.Counter.GetValue()}
	case m.Gauge != nil:
		return map[string]float64{"": m.Gauge.GetValue()}
	case m.Histogram == nil:
		return nil
	}
	h := m.Histogram
	all := map[string]float64{"_sum": h.GetSampleSum(), "_count": float64(h.GetSampleCount()), "_bucket|+Inf": float64(h.GetSampleCount())}
	for _, b := range h.Bucket {
		all["_bucket|"+strconv.FormatFloat(b.GetUpperBound(), 'g', -1, 64)] = float64(b.GetCumulativeCount())
	}
	return all
}

func labels(m *dto.Metric, le string) string {
	pairs := []string{`job="program"`, `instance="host:9464"`}
	if le != "" {
		pairs = append(pairs, fmt.Sprintf("le=%q", le))
	}
	for _, l := range m.Label {
		if !strings.HasPrefix(l.GetName(), "otel_scope_") {
			pairs = append(pairs, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
		}
	}
	return "{" + strings.Join(pairs, ",") + "}"
}

// test returns a test for promtool, of the alerts that fire at a minute.
func (t *tape) test(rules string, minute int, firing map[string]bool, all []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "rule_files: [%q]\nevaluation_interval: 1m\ntests:\n- interval: 1m\n  input_series:\n", rules)
	for key, values := range t.series {
		fmt.Fprintf(&b, "  - series: '%s'\n    values: '%s'\n", key, strings.Join(values, " "))
	}
	b.WriteString("  promql_expr_test:\n")
	for _, name := range all {
		fmt.Fprintf(&b, "  - expr: count(ALERTS{alertname=%q,alertstate=\"firing\"})\n    eval_time: %dm\n", name, minute)
		if firing[name] {
			b.WriteString("    exp_samples: [{labels: '{}', value: 1}]\n")
		} else {
			b.WriteString("    exp_samples: []\n")
		}
	}
	return b.String()
}

// fire fails the test unless exactly these alerts fire at a minute.
func (t *tape) fire(tb testing.TB, minute int, names ...string) {
	tb.Helper()
	tool := promtool(tb)
	rules, err := filepath.Abs(rulesFile)
	if err != nil {
		tb.Fatal(err)
	}
	firing := make(map[string]bool)
	for _, name := range names {
		firing[name] = true
	}
	file := filepath.Join(tb.TempDir(), "test.yml")
	if err := os.WriteFile(file, []byte(t.test(rules, minute, firing, alerts(tb))), 0o600); err != nil {
		tb.Fatal(err)
	}
	if out, err := exec.Command(tool, "test", "rules", file).CombinedOutput(); err != nil {
		tb.Errorf("at minute %d: %v\n%s", minute, err, out)
	}
}

const rulesFile = "../deploy/prometheus/advoware.rules.yml"

// promtool returns the program that tries rules, and skips the test if there is none.
func promtool(tb testing.TB) string {
	tb.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil && os.Getenv("ADVOWARE_REQUIRE_PROGRAMS") == "1" {
		tb.Fatal("no promtool on PATH, and ADVOWARE_REQUIRE_PROGRAMS=1 demands one")
	} else if err != nil {
		tb.Skip("no promtool on PATH: it is part of Prometheus (Debian's package prometheus)")
	}
	return path
}

func read(tb testing.TB, file string) string {
	tb.Helper()
	f, err := os.Open(file)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

var alertName = regexp.MustCompile(`(?m)^\s*- alert: (\w+)$`)

// alerts returns the names of all alerts.
func alerts(tb testing.TB) (names []string) {
	for _, m := range alertName.FindAllStringSubmatch(read(tb, rulesFile), -1) {
		names = append(names, m[1])
	}
	if len(names) == 0 {
		tb.Fatal("there are no alerts")
	}
	return names
}
