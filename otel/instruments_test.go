package advowareotel_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/internal/redistest"
	advowareotel "github.com/advoware-go/advoware/otel"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/redis/dial"
)

// families reads what is scraped as Prometheus does.
func families(t testing.TB, text string) map[string]*dto.MetricFamily {
	t.Helper()
	p := expfmt.NewTextParser(model.LegacyValidation)
	all, err := p.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return all
}

func withRedis(t testing.TB) func(*advoware.Config) {
	server := redistest.Start(t)
	return func(c *advoware.Config) {
		c.Store = advoware.StoreTiered
		c.Redis = dial.Config{URL: secret.New("redis://" + server.Addr())}
	}
}

// What OpenTelemetry makes of the names is what package metric says: a page that is written
// by hand has the same.
func TestNamesInPrometheus(t *testing.T) {
	t.Parallel()
	w := start(t, setup{config: withRedis(t), opts: advowareotel.Options{Office: "a"}})
	w.warm()
	w.fake.RevokeAll()
	w.warm()
	got := families(t, w.scrape())
	var names []string
	for _, m := range metric.Table() {
		if m.Name == "advoware.discovery.age" { // the fake has an address of its own
			continue
		}
		f := got[m.PrometheusName()]
		names = append(names, m.PrometheusName())
		if f == nil {
			t.Errorf("%s is not emitted as %s", m.Name, m.PrometheusName())
			continue
		}
		if kind := strings.ToLower(f.GetType().String()); kind != m.PrometheusType() || f.GetHelp() != m.Description {
			t.Errorf("%s is a %s: %q, want %s: %q", f.GetName(), kind, f.GetHelp(), m.PrometheusType(), m.Description)
		}
		want := map[string]bool{metric.PrometheusLabel(metric.Office): true}
		for _, key := range m.Attributes {
			want[metric.PrometheusLabel(key)] = true
		}
		for _, sample := range f.Metric {
			for _, l := range sample.Label {
				if !want[l.GetName()] && !strings.HasPrefix(l.GetName(), "otel_scope_") {
					t.Errorf("%s has the label %s", f.GetName(), l.GetName())
				}
			}
		}
	}
	for name := range got {
		if strings.HasPrefix(name, "advoware_") && !slices.Contains(names, name) {
			t.Errorf("%s is emitted, and not in the table", name)
		}
	}
	for _, name := range []string{"http_client_request_duration_seconds"} {
		if got[name] == nil {
			t.Errorf("%s is not emitted, but %v", name, slices.Sorted(maps.Keys(got)))
		}
	}
}

// samples has the values that are not zero, by name and labels.
func samples(t testing.TB, text, prefix string) map[string]float64 {
	all := make(map[string]float64)
	for name, f := range families(t, text) {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		for _, m := range f.Metric {
			for _, l := range m.Label {
				if !strings.HasPrefix(l.GetName(), "otel_scope_") {
					name += " " + l.GetValue()
				}
			}
			v := m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			if v != 0 {
				all[name] = v
			}
			name = f.GetName()
		}
	}
	return all
}

func TestMeasurementsAreTheClients(t *testing.T) {
	t.Parallel()
	w := start(t, setup{})
	for range 3 {
		w.warm()
	}
	w.fake.RevokeAll()
	w.warm()
	got := samples(t, w.scrape(), "advoware_")
	if left := got["advoware_token_remaining_life_seconds"]; left < 3000 || left > 3300 {
		t.Errorf("%v s of life left", left)
	}
	delete(got, "advoware_token_remaining_life_seconds")
	want := map[string]float64{
		"advoware_call_total": 4, "advoware_api_unauthorized_total": 1, "advoware_client_state fresh": 1,
		"advoware_token_lookup_total hit near": 3, "advoware_token_lookup_total waited fetched": 2,
		"advoware_token_fetch_duration_seconds": 2, "advoware_token_rejection_total dropped": 1, "advoware_store_near_token": 1,
	}
	if diff := cmp.Diff(sorted(want), sorted(got)); diff != "" {
		t.Error(diff)
	}
}

// sorted has the words of each key in order, because labels have none.
func sorted(m map[string]float64) map[string]float64 {
	out := make(map[string]float64)
	for key, v := range m {
		words := strings.Fields(key)
		slices.Sort(words[1:])
		out[strings.Join(words, " ")] = v
	}
	return out
}

func TestFailedFetchHasItsErrorType(t *testing.T) {
	t.Parallel()
	w := start(t, setup{})
	w.fake.Inject(clienttest.Fault{Refusal: clienttest.WrongPassword})
	if w.call("/employees") == nil {
		t.Fatal("a call with a wrong password")
	}
	got := samples(t, w.scrape(), "advoware_token")
	if got["advoware_token_fetch_duration_seconds wrong-credentials"] != 1 || got["advoware_token_refused"] != 1 {
		t.Errorf("%v", got)
	}
}

func TestClientsOfOneProgramAreToldApart(t *testing.T) {
	t.Parallel()
	w := start(t, setup{opts: advowareotel.Options{Office: "one"}})
	cfg, _ := advowaretest.Config(t, clienttest.Options{})
	opts := w.opts
	if c, err := advowareotel.New(cfg, opts); err == nil || !strings.Contains(err.Error(), `"one"`) || c != nil {
		t.Errorf("a second client as the same office: %v", err)
	}
	opts.Office = "two"
	other, err := advowareotel.New(cfg, opts)
	if err != nil {
		t.Fatal(err)
	}
	w.warm()
	w.warm()
	if _, err := other.Source().Token(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	got := samples(t, w.scrape(), "advoware_call")
	if diff := cmp.Diff(map[string]float64{"advoware_call_total one": 2}, got); diff != "" {
		t.Error(diff)
	}
	_ = w.Close()
	again, err := advowareotel.New(cfg, w.opts)
	if err != nil {
		t.Fatalf("a client of an office whose client is closed: %v", err)
	}
	defer again.Close()
	_ = other.Close()
	w.scrape()
	if got := samples(t, w.scrape(), "advoware_client_state"); len(got) != 1 {
		t.Errorf("%v, want the one client that is open", got)
	}
}

func TestOfficeThatIsTooLong(t *testing.T) {
	t.Parallel()
	cfg, _ := advowaretest.Config(t, clienttest.Options{})
	if _, err := advowareotel.New(cfg, advowareotel.Options{Office: strings.Repeat("x", 129)}); err == nil {
		t.Error("no error")
	}
}

// A name that exporters cannot write would end all that the program exports.
func TestOfficeThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"M\xfcller", "a\nb", "a\x00"} {
		cfg, _ := advowaretest.Config(t, clienttest.Options{})
		if c, err := advowareotel.New(cfg, advowareotel.Options{Office: name}); err == nil || !strings.Contains(err.Error(), "Office") {
			t.Errorf("%q: %v", name, err)
			_ = c.Close()
		}
	}
}
