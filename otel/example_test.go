package advowareotel_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	promexporter "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	advowareotel "github.com/advoware-go/advoware/otel"
)

// A client whose measurements Prometheus scrapes. A program reads its configuration by
// advoware.FromEnv, and serves the handler on a port that only its own people reach.
func Example() {
	fake, err := clienttest.New(clienttest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer fake.Close()
	cfg, err := advoware.ReadEnv(fake.Getenv, advoware.StoreMemory)
	if err != nil {
		log.Fatal(err)
	}

	registry := prometheus.NewRegistry()
	exporter, err := promexporter.New(promexporter.WithRegisterer(registry))
	if err != nil {
		log.Fatal(err)
	}
	c, err := advowareotel.New(cfg, advowareotel.Options{
		MeterProvider: sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter)),
		Office:        "office-1",
	})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	server := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	defer server.Close()

	for range 3 {
		if _, err := client.Get[[]any](context.Background(), c, "/employees", url.Values{"limit": {"1"}}); err != nil {
			log.Fatal(err)
		}
	}
	resp, err := http.Get(server.URL)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "advoware_call_total") {
			fmt.Println(line[strings.LastIndexByte(line, ' ')+1 : len(line)-1])
		}
	}
	// Output: 3
}
