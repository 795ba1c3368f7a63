package advowareotel_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	advowareotel "github.com/advoware-go/advoware/otel"
)

// plain and measured are the same client on the same fake, one without telemetry and one with
// all of it: measurements that are collected all the time, and every span recorded.
func pair(b *testing.B) (plain, measured *client.Client) {
	b.Helper()
	cfg, fake := advowaretest.Config(b, clienttest.Options{})
	cfg.Logger = slog.New(slog.DiscardHandler)
	plain, err := advoware.New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = plain.Close() })
	reader := sdkmetric.NewPeriodicReader(discard{}, sdkmetric.WithInterval(time.Second))
	opts := advowareotel.Options{
		Office: "bench", MeterProvider: sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)),
		TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithBatcher(dropped{})),
	}
	b.Cleanup(func() { _ = reader.Shutdown(context.Background()) })
	if measured, err = advowareotel.New(cfg, opts); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = measured.Close() })
	_ = fake
	for _, c := range []*client.Client{plain, measured} {
		if _, err := c.Source().Token(b.Context(), 0); err != nil {
			b.Fatal(err)
		}
	}
	return plain, measured
}

// interleaved measures both in turns and reports the minimum of each and their ratio: what
// else runs on the machine then weighs on both.
func interleaved(b *testing.B, ops int, plain, measured func()) {
	run := func(f func()) float64 {
		began := time.Now()
		for range ops {
			f()
		}
		return float64(time.Since(began).Nanoseconds()) / float64(ops)
	}
	var without, with []float64
	for b.Loop() {
		without, with = append(without, run(plain)), append(with, run(measured))
	}
	b.ReportMetric(slices.Min(without), "ns/without")
	b.ReportMetric(slices.Min(with), "ns/with")
	b.ReportMetric(slices.Min(with)/slices.Min(without), "ratio")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkHit is a lookup that the near store answers. The goal is a ratio of 1.2 at most.
func BenchmarkHit(b *testing.B) {
	plain, measured := pair(b)
	lookup := func(c *client.Client) func() {
		source := c.Source()
		return func() {
			if _, err := source.Token(context.Background(), 0); err != nil {
				b.Fatal(err)
			}
		}
	}
	interleaved(b, 100_000, lookup(plain), lookup(measured))
}

// BenchmarkCall is a whole call over loopback; what it costs more is what otelhttp does.
func BenchmarkCall(b *testing.B) {
	plain, measured := pair(b)
	call := func(c *client.Client) func() {
		return func() {
			if _, err := c.Call(context.Background(), client.Request{Method: http.MethodGet, Endpoint: "/employees"}); err != nil {
				b.Fatal(fmt.Errorf("a call: %w", err))
			}
		}
	}
	interleaved(b, 200, call(plain), call(measured))
}
