package benchmarks

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"go.opentelemetry.io/otel/exporters/stdout/stdoutmetric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/alloctest"
	"github.com/advoware-go/advoware/internal/counter"
	advowareotel "github.com/advoware-go/advoware/otel"
	"github.com/advoware-go/advoware/store"
)

// observed are hooks that are all set.
var observed = token.Hooks{
	FetchStart: func() {}, FetchDone: func(token.Fetch) {}, Rotated: func(token.Rotation) {},
	Rejected: func(store.Token) {}, RenewalPlanned: func(store.Token, time.Time) {}, Lapsed: func(store.Token) {},
}

// lookups counts as Transport does, which has no way in for a lookup alone:
// client/stats.go.
type lookups struct{ hits, waits counter.Counter }

func (l *lookups) count(f token.Found, err error) {
	if err != nil || f.Waited {
		l.waits.Inc()
	} else {
		l.hits.Inc()
	}
}

// check fails if there were no hits, or anything else.
func (l *lookups) check(b *testing.B) {
	b.Helper()
	if l.waits.Load() > 0 || l.hits.Load() == 0 {
		b.Errorf("%d hits and %d waits", l.hits.Load(), l.waits.Load())
	}
}

// BenchmarkTokenCounted is what a hit costs with everything on that can observe it:
// the account of where the token came from (Lookup), the count that Transport makes for
// each request, and all hooks. count=off is the bare hit, count=otel that of a client with OpenTelemetry.
func BenchmarkTokenCounted(b *testing.B) {
	for _, procs := range parallels() {
		b.Run(fmt.Sprintf("count=off/parallel=%d", procs), func(b *testing.B) {
			source := openSource(b, openTiered(b), new(gateway))
			must(source.Token(b.Context(), 0))
			parallel(b, procs, func(pb *testing.PB) {
				for ctx := b.Context(); pb.Next(); {
					if _, err := source.Token(ctx, 0); err != nil {
						b.Error(err)
					}
				}
			})
		})
		b.Run(fmt.Sprintf("count=on/parallel=%d", procs), func(b *testing.B) {
			counted(b, procs, openHooked(b, openTiered(b), new(gateway), observed))
		})
		b.Run(fmt.Sprintf("count=otel/parallel=%d", procs), func(b *testing.B) {
			counted(b, procs, openTraced(b))
		})
	}
}

// counted looks the token of a source up, and counts each lookup.
func counted(b *testing.B, procs int, source *token.Source) {
	must(source.Token(b.Context(), 0))
	var counts lookups
	parallel(b, procs, func(pb *testing.PB) {
		for ctx := b.Context(); pb.Next(); {
			counts.count(source.Lookup(ctx, 0))
		}
	})
	counts.check(b)
}

// openTraced is what the door makes with OpenTelemetry, which is read once a second and has each span.
func openTraced(b *testing.B) *token.Source {
	b.Helper()
	cfg, _ := advowaretest.Config(b, clienttest.Options{})
	cfg.Logger = quiet()
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(must(stdoutmetric.New(stdoutmetric.WithWriter(io.Discard))), sdkmetric.WithInterval(time.Second))))
	b.Cleanup(func() { _ = meters.Shutdown(context.Background()) })
	c := must(advowareotel.New(cfg, advowareotel.Options{Office: "bench", MeterProvider: meters, TracerProvider: sdktrace.NewTracerProvider()}))
	b.Cleanup(func() { _ = c.Close() })
	return c.Source()
}

// BenchmarkTokenCountedNoAlloc is the same by one goroutine. Besides, it fails if a
// request through the library's own Transport, which counts and has a Source with all
// hooks, allocates more often than a bare copy of the request does.
func BenchmarkTokenCountedNoAlloc(b *testing.B) {
	source := openHooked(b, openTiered(b), new(gateway), observed)
	ctx := b.Context()
	must(source.Token(ctx, 0))
	var counts lookups
	alloctest.None(b, func() { counts.count(source.Lookup(ctx, 0)) })

	// No Timeout: bounding a request takes a context, which is not the Transport's.
	c := must(client.New(client.Config{BaseURL: stubURL, Source: source, Base: stub{}, Logger: quiet(), Timeout: -1}))
	req, whole := request(b), c.HTTPClient().Transport
	var bare http.RoundTripper = copying{stub{}, must(source.Token(ctx, 0)).Header()}
	added := alloctest.PerRun(func() { roundTrip(b, whole, req) }) - alloctest.PerRun(func() { roundTrip(b, bare, req) })
	if added > 0.01 {
		b.Fatalf("%v allocations in each request, those of its copy apart; want none", added)
	}
	if s := c.Stats(); s.TokenHits == 0 || s.TokenHits != s.Calls {
		b.Fatalf("counted %+v; want hits", s)
	}

	defer counts.check(b)
	defer measure(b)()
	for b.Loop() {
		counts.count(source.Lookup(ctx, 0))
	}
}
