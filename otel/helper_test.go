package advowareotel_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	promexporter "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	advowareotel "github.com/advoware-go/advoware/otel"
)

// world is a client that is measured and traced, on a fake Advoware.
type world struct {
	*client.Client
	t       testing.TB
	fake    *clienttest.Server
	gather  func() ([]*dto.MetricFamily, error)
	metrics http.Handler // of Prometheus
	spans   *tracetest.SpanRecorder
	tracer  *sdktrace.TracerProvider
	reader  *sdkmetric.ManualReader
	opts    advowareotel.Options
}

// setup changes what a world is made of.
type setup struct {
	fake   clienttest.Options
	config func(*advoware.Config)
	opts   advowareotel.Options
}

func start(t testing.TB, s setup) *world {
	t.Helper()
	w := &world{t: t, spans: tracetest.NewSpanRecorder(), reader: sdkmetric.NewManualReader()}
	registry := prometheus.NewRegistry()
	exporter, err := promexporter.New(promexporter.WithRegisterer(registry))
	if err != nil {
		t.Fatal(err)
	}
	w.gather = registry.Gather
	w.metrics = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	w.tracer = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(w.spans))
	w.opts = s.opts
	w.opts.TracerProvider = w.tracer
	w.opts.MeterProvider = sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter), sdkmetric.WithReader(w.reader))
	var cfg advoware.Config
	cfg, w.fake = advowaretest.Config(t, s.fake)
	cfg.Logger, cfg.DiscoveryURL = slog.New(slog.DiscardHandler), w.fake.DiscoveryURL()
	if s.config != nil {
		s.config(&cfg)
	}
	if w.Client, err = advowareotel.New(cfg, w.opts); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// call makes a call, whatever becomes of it.
func (w *world) call(endpoint string) error {
	_, err := w.Call(w.t.Context(), client.Request{Method: http.MethodGet, Endpoint: endpoint})
	return err
}

func (w *world) warm() {
	w.t.Helper()
	if err := w.call("/employees"); err != nil {
		w.t.Fatal(err)
	}
}

// scrape returns what Prometheus gets.
func (w *world) scrape() string {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.metrics.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	text, err := io.ReadAll(rec.Result().Body)
	if err != nil || rec.Code != http.StatusOK {
		w.t.Fatalf("%d, %v: %s", rec.Code, err, text)
	}
	return string(text)
}
