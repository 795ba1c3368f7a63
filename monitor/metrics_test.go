package monitor_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/monitor"
)

// Every name of the table is there, with its values for each office.
func TestMetrics(t *testing.T) {
	t.Parallel()
	text := metricsOfTwo(t)
	for _, m := range metric.Table() {
		if !strings.Contains(text, "\n# TYPE "+m.PrometheusName()+" "+m.PrometheusType()+"\n") {
			t.Errorf("%s is not there", m.PrometheusName())
		}
	}
	for _, want := range []string{
		`advoware_build_info{goversion="go1`,
		"advoware_ready 1\n",
		`advoware_office_ready{advoware_office="one"} 1` + "\n",
		`advoware_office_ready{advoware_office="` + escaped + `"} 0` + "\n",
		`advoware_call_total{advoware_office="one"} 3` + "\n",
		`advoware_call_duration_seconds_bucket{advoware_office="one",le="0.05"} 0` + "\n",
		`advoware_call_duration_seconds_bucket{advoware_office="one",le="0.1"} 2` + "\n",
		`advoware_call_duration_seconds_bucket{advoware_office="one",le="+Inf"} 3` + "\n",
		`advoware_call_duration_seconds_sum{advoware_office="one"} 1.74` + "\n", // three of 80 ms, and a token request
		`advoware_client_state{advoware_office="one",advoware_client_state="fresh"} 1` + "\n",
		`advoware_client_state{advoware_office="` + escaped + `",advoware_client_state="failed"} 1` + "\n",
		`advoware_token_fetch_duration_seconds_count{advoware_office="one"} 1` + "\n",
		`advoware_store_far_up{advoware_office="one"} 1` + "\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, `advoware_store_far_up{advoware_office="`+escaped) {
		t.Error("an office without Redis has one")
	}
	line := regexp.MustCompile(`^(# (HELP|TYPE) [a-z0-9_]+ .+|[a-z0-9_]+(\{([a-z0-9_]+="([^"\\]|\\["\\n])*",?)+\})? [-+0-9.eInfNa]+)$`)
	for l := range strings.Lines(text) {
		if !line.MatchString(strings.TrimSuffix(l, "\n")) {
			t.Errorf("no line of the format: %q", l)
		}
	}
}

var escaped = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(hostile)

func metricsOfTwo(t *testing.T) (text string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		one := newKanzlei(t, "one", true, clienttest.Options{InMemory: true, TokenLatency: 1500 * time.Millisecond})
		two := newKanzlei(t, hostile, false, clienttest.Options{InMemory: true})
		two.fake.Inject(clienttest.Fault{Refusal: clienttest.NotConnected, Times: -1})
		m := newMonitor(t, monitor.Config{Every: -1}, one, two)
		for range 3 {
			if err := one.call(80 * time.Millisecond); err != nil {
				t.Fatal(err)
			}
			_ = two.call(0)
		}
		answer := get(m, "/metrics")
		text = answer.Body.String()
	})
	return text
}

// What Prometheus itself says of it: the format, and whether names are as they should be.
func TestPromtoolAcceptsTheMetrics(t *testing.T) {
	t.Parallel()
	const require = "ADVOWARE_REQUIRE_PROGRAMS"
	if _, err := exec.LookPath("promtool"); err != nil && os.Getenv(require) == "1" {
		t.Fatalf("no promtool on PATH, and %s=1 demands it", require)
	} else if err != nil {
		t.Skipf("no promtool on PATH: it is not asked about the metrics (%s=1 makes this a failure)", require)
	}
	check := func(text string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "promtool", "check", "metrics")
		cmd.Stdin = strings.NewReader(text)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	text := metricsOfTwo(t)
	if out, err := check(text); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if _, err := check(strings.Replace(text, "} 3\n", "} three\n", 1)); err == nil {
		t.Error("promtool accepts anything")
	}
}
