package benchmarks

import (
	"context"
	"log/slog"
	"net/http"
	"testing"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/internal/alloctest"
	"github.com/advoware-go/advoware/store"
)

// ownMeter counts allocations within Transport: from the moment it has been told the
// token until it is about to log, less what happens in the Base. It is all three of
// these, because nothing else of a Call's way can be seen from outside.
type ownMeter struct {
	store.Map
	slog.Handler
	alloctest.Meter
}

func (m *ownMeter) Get(ctx context.Context, key string) (store.Token, error) {
	tok, err := m.Map.Get(ctx, key)
	m.Reset()
	m.Start()
	return tok, err
}

func (m *ownMeter) RoundTrip(req *http.Request) (*http.Response, error) {
	m.Stop()
	resp, err := stub{}.RoundTrip(req)
	m.Start()
	return resp, err
}

func (m *ownMeter) Enabled(context.Context, slog.Level) bool {
	m.Stop()
	return false
}

// BenchmarkRoundTripOwn is a request that the library makes itself, for a Call over the
// stub of BenchmarkRoundTrip. It is not copied: added-allocs/op is what Transport adds
// to it, and the benchmark fails if that is not 0, or if a caller's own request, which
// has to be copied, seems to cost nothing either. The other figures are of the whole
// Call, which makes a request and reads an answer.
func BenchmarkRoundTripOwn(b *testing.B) {
	r := client.Request{Endpoint: "/employees", Header: request(b).Header}
	m := &ownMeter{Handler: slog.DiscardHandler}
	metered := ownClient(b, wiring{all: m}, m, slog.New(m))
	added := m.Least(func() { _ = must(metered.Call(b.Context(), r)) })
	if added != 0 {
		b.Fatalf("%d allocations added to each of Call's requests; want none", added)
	}
	foreign, rt := request(b), metered.HTTPClient().Transport
	if n := m.Least(func() { roundTrip(b, rt, foreign) }); n == 0 {
		b.Fatal("no allocation for a request of the caller's: the meter does not count")
	}
	c := ownClient(b, openTiered(b), stub{}, quiet())
	_ = must(c.Call(b.Context(), r)) // fetches the token
	stop := measure(b)
	for b.Loop() {
		if _, err := c.Call(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
	stop()
	b.ReportMetric(float64(added), "added-allocs/op")
}

func ownClient(tb testing.TB, w wiring, base http.RoundTripper, log *slog.Logger) *client.Client {
	c := must(client.New(client.Config{BaseURL: stubURL, Source: openSource(tb, w, new(gateway)), Base: base, Logger: log}))
	tb.Cleanup(func() { _ = c.Close() })
	return c
}
