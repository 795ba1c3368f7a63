package advowareotel_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/internal/testport"
	advowareotel "github.com/advoware-go/advoware/otel"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
	"github.com/advoware-go/advoware/store/tiered"
)

const dashboardFile = "../deploy/grafana/advoware.json"

// dashboard is what this test reads of it.
type dashboard struct {
	Panels []struct {
		Title   string
		GridPos struct{ X, Y, W, H int }
		Targets []struct{ Expr, LegendFormat string }
	}
}

func readDashboard(t *testing.T) (d dashboard) {
	t.Helper()
	if err := json.Unmarshal([]byte(read(t, dashboardFile)), &d); err != nil || len(d.Panels) == 0 {
		t.Fatalf("%d panels, %v", len(d.Panels), err)
	}
	return d
}

var metricName = regexp.MustCompile(`\b(advoware|http_client)_[a-z0-9_]+\b`)

// Each name in the dashboard and in the alert rules is one that the table emits, or one of
// its labels.
func TestNamesAreEmitted(t *testing.T) {
	t.Parallel()
	known := map[string]bool{metric.PrometheusLabel(metric.Office): true}
	for _, m := range metric.Table() {
		name := m.PrometheusName()
		known[name] = true
		if m.Kind == metric.Histogram {
			known[name+"_bucket"], known[name+"_count"], known[name+"_sum"] = true, true, true
		}
		for _, key := range m.Attributes {
			known[metric.PrometheusLabel(key)] = true
		}
	}
	var shown []string
	for _, file := range []string{dashboardFile, rulesFile} {
		for _, name := range metricName.FindAllString(read(t, file), -1) {
			if shown = append(shown, name); !known[name] {
				t.Errorf("%s has %s, which nobody emits", file, name)
			}
		}
	}
	for _, m := range metric.Table() { // TestNamesInPrometheus has that they are emitted
		if name := m.PrometheusName(); !slices.ContainsFunc(shown, func(s string) bool { return strings.HasPrefix(s, name) }) {
			t.Errorf("nothing shows %s", name)
		}
	}
}

// flaky is a far store that fails while it is down.
type flaky struct {
	store.Store
	down atomic.Bool
}

var errDown = errors.New("down")

func (f *flaky) Get(ctx context.Context, key string) (store.Token, error) {
	if f.down.Load() {
		return store.Token{}, errDown
	}
	return f.Store.Get(ctx, key)
}

func (f *flaky) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if f.down.Load() {
		return store.Token{}, errDown
	}
	return f.Store.CompareAndSwap(ctx, key, old, tok)
}

func (f *flaky) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	if f.down.Load() {
		return errDown
	}
	return f.Store.CompareAndDelete(ctx, key, old)
}

// recordDay records six hours of one client: calls, a revocation, a far store that is down, a
// gateway that is down until the token ends, an endpoint that answers 401.
func recordDay(t *testing.T) *tape {
	recorded := new(tape)
	synctest.Test(t, func(t *testing.T) {
		near, err := memory.New(memory.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer near.Close()
		far := &flaky{Store: new(store.Map)}
		stores, err := advoware.UseTiers(near, far, tiered.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer stores.Close()
		w := start(t, setup{
			fake: clienttest.Options{InMemory: true, TokenLatency: 1200 * time.Millisecond},
			opts: advowareotel.Options{Office: "office-1"},
			config: func(c *advoware.Config) {
				c.Store, c.Shared, c.Discovery = advoware.StoreTiered, stores, advoware.DiscoveryOn
			},
		})
		defer w.Close()
		remove := func() {}
		inject := func(f clienttest.Fault) { f.Times = -1; remove = w.fake.Inject(f).Remove }
		for minute := range 6 * 60 {
			switch minute {
			case 45:
				w.fake.RevokeAll()
			case 75:
				far.down.Store(true)
			case 125:
				far.down.Store(false)
			case 165:
				inject(clienttest.Fault{Status: 503})
			case 235:
				remove()
			case 280:
				inject(clienttest.Fault{On: clienttest.API, Match: "/", Status: 401})
			case 300:
				remove()
			case 325:
				inject(clienttest.Fault{Refusal: clienttest.WrongPassword})
				w.fake.RevokeAll()
			case 340:
				remove()
			}
			began := time.Now()
			for i := range 4 + minute%3 {
				_ = w.call("/employees")
				time.Sleep(time.Duration(3+i%3) * time.Second)
			}
			time.Sleep(time.Until(began.Add(time.Minute)))
			recorded.record(w)
		}
	})
	return recorded
}

// openMetrics returns what was recorded in the form that Prometheus reads in.
func (t *tape) openMetrics(begin time.Time) string {
	var b strings.Builder
	names := make(map[string][]string)
	for key := range t.series {
		name, _, _ := strings.Cut(key, "{")
		names[name] = append(names[name], key)
	}
	for name, keys := range names {
		fmt.Fprintf(&b, "# TYPE %s unknown\n", name)
		for _, key := range keys {
			for minute, v := range t.series[key] {
				if v != "_" {
					fmt.Fprintf(&b, "%s %s %d\n", key, v, begin.Add(time.Duration(minute)*time.Minute).Unix())
				}
			}
		}
	}
	b.WriteString("# EOF\n")
	return b.String()
}

// prometheusServer starts a Prometheus that has what was recorded, and returns its address.
func prometheusServer(t *testing.T, recorded *tape, begin time.Time) string {
	t.Helper()
	tool := promtool(t)
	server, err := exec.LookPath("prometheus")
	if err != nil && os.Getenv("ADVOWARE_REQUIRE_PROGRAMS") == "1" {
		t.Fatal("no prometheus on PATH, and ADVOWARE_REQUIRE_PROGRAMS=1 demands one")
	} else if err != nil {
		t.Skip("no prometheus on PATH")
	}
	dir := t.TempDir()
	input, config, data := filepath.Join(dir, "recorded.txt"), filepath.Join(dir, "prometheus.yml"), filepath.Join(dir, "data")
	for file, text := range map[string]string{input: recorded.openMetrics(begin), config: "{}\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command(tool, "tsdb", "create-blocks-from", "openmetrics", input, data).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	addr, err := testport.Take()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(server, "--config.file="+config, "--storage.tsdb.path="+data, "--storage.tsdb.retention.time=100y", "--web.listen-address="+addr)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		resp, err := http.Get("http://" + addr + "/-/ready")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return "http://" + addr
			}
		}
		if time.Now().After(end) {
			t.Fatalf("Prometheus is not ready: %v\n%s", err, said.String())
		}
	}
}

// line is a series that a panel shows.
type line struct {
	Metric map[string]string
	Values [][2]any
}

// query asks for a series as Grafana does.
func query(t *testing.T, server, expr string, begin, end time.Time) []line {
	t.Helper()
	for name, value := range map[string]string{"$job": ".*", "$instance": ".*", "$office": ".*", "$__rate_interval": "4m"} {
		expr = strings.ReplaceAll(expr, name, value)
	}
	q := url.Values{"query": {expr}, "start": {fmt.Sprint(begin.Unix())}, "end": {fmt.Sprint(end.Unix())}, "step": {"240"}}
	resp, err := http.Get(server + "/api/v1/query_range?" + q.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Status string
		Data   struct{ Result []line }
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Status != "success" {
		t.Fatalf("%s: %v, %s", expr, err, body)
	}
	return answer.Data.Result
}

var update = flag.Bool("update", false, "draw the pictures of docs/telemetry.md anew")

// A real Prometheus answers each query of the dashboard from what a client emitted in six
// eventful hours.
func TestDashboardShowsWhatIsEmitted(t *testing.T) {
	t.Parallel()
	promtool(t)
	recorded := recordDay(t)
	begin := time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC)
	end := begin.Add(time.Duration(recorded.minutes-1) * time.Minute)
	server := prometheusServer(t, recorded, begin)
	var panels []panel
	for _, p := range readDashboard(t).Panels {
		drawn := panel{Title: p.Title, Column: p.GridPos.X / p.GridPos.W, Row: p.GridPos.Y / p.GridPos.H}
		for _, target := range p.Targets {
			lines := query(t, server, target.Expr, begin, end)
			if len(lines) == 0 {
				t.Errorf("%s: no series for %s", p.Title, target.Expr)
			}
			for _, l := range lines {
				drawn.add(legend(target.LegendFormat, l.Metric), l, begin)
			}
		}
		panels = append(panels, drawn)
	}
	for file, colours := range map[string]palette{"light": light, "dark": dark} {
		file = "../docs/pictures/telemetry-" + file + ".svg"
		svg := draw(panels, begin, end, colours)
		if *update {
			if err := os.WriteFile(file, []byte(svg), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if got := read(t, file); panelTitles(got) != panelTitles(svg) {
			t.Errorf("%s does not show the panels of the dashboard: go test -run Dashboard -update", file)
		}
	}
}

// legend fills in the labels of a series.
func legend(format string, labels map[string]string) string {
	for name, value := range labels {
		format = strings.ReplaceAll(format, "{{"+name+"}}", value)
	}
	return strings.TrimSpace(regexp.MustCompile(`\{\{\w+\}\}`).ReplaceAllString(format, ""))
}

func number(v any) (float64, bool) {
	f, err := strconv.ParseFloat(fmt.Sprint(v), 64)
	return f, err == nil && f == f // not NaN
}
