package benchmarks

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/advoware-go/advoware/client"
)

// transports are the values of the key transport=. Each adds a token to what it
// sends through base, but for bare, which is the floor; copy is the floor for whoever
// leaves the caller's request as it is.
var transports = []struct {
	name string
	open func(tb testing.TB, base http.RoundTripper, gw *gateway) http.RoundTripper
}{
	{"bare", func(_ testing.TB, base http.RoundTripper, _ *gateway) http.RoundTripper { return base }},
	{"copy", func(_ testing.TB, base http.RoundTripper, _ *gateway) http.RoundTripper {
		return copying{base, []string{"Bearer " + tokenText}}
	}},
	{"advoware", advowareTransport},
	{"oauth2", oauth2Transport},
	{"cloud-auth", cloudAuthTransport},
	{"azcore", azcoreTransport},
	{"smithy", smithyTransport},
}

// copying copies a request and its headers, adds a value that is ready, and does
// nothing else.
type copying struct {
	base   http.RoundTripper
	header []string
}

func (c copying) RoundTrip(req *http.Request) (*http.Response, error) {
	out := new(http.Request)
	*out = *req
	out.Header = maps.Clone(req.Header)
	out.Header["Authorization"] = c.header
	return c.base.RoundTrip(out)
}

// advowareTransport has the default store.
func advowareTransport(tb testing.TB, base http.RoundTripper, gw *gateway) http.RoundTripper {
	origin, _ := url.Parse(stubURL)
	return &client.Transport{Source: openSource(tb, openTiered(tb), gw), Origin: origin, Base: base, Logger: quiet()}
}

// stubURL has https because smithy sends a token to nothing else.
const stubURL = "https://127.0.0.1/"

// stub answers at once, so that only the transport before it is measured.
type stub struct{}

func (stub) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: req}, nil
}

// request returns a request as a caller of a JSON API makes it: three headers.
func request(tb testing.TB) *http.Request {
	req, err := http.NewRequest(http.MethodGet, stubURL+"employees", nil)
	if err != nil {
		tb.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "advoware-go")
	return req
}

// BenchmarkRoundTrip is one request through a transport: over a stub, also with a
// longer token, and with wire=loopback over real HTTP on this machine. Who builds the
// header for each request pays for the length of the token, and the garbage collector
// for every byte.
func BenchmarkRoundTrip(b *testing.B) {
	for _, tr := range transports {
		b.Run("transport="+tr.name, func(b *testing.B) {
			roundTrips(b, tr.open(b, stub{}, new(gateway)))
		})
	}
	for _, tr := range transports {
		b.Run(fmt.Sprintf("transport=%s/token=%d", tr.name, len(longToken)), func(b *testing.B) {
			roundTrips(b, tr.open(b, stub{}, &gateway{text: longToken}))
		})
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "[]")
	}))
	defer server.Close()
	// Plain HTTP in spite of the URL: to encrypt would cost all of them the same.
	wire := &http.Transport{DialTLSContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
	}}
	defer wire.CloseIdleConnections()
	for _, tr := range transports {
		b.Run("transport="+tr.name+"/wire=loopback", func(b *testing.B) {
			roundTrips(b, tr.open(b, wire, new(gateway)))
		})
	}
}

func roundTrips(b *testing.B, rt http.RoundTripper) {
	req := request(b)
	roundTrip(b, rt, req) // fetches the token
	defer measure(b)()
	for b.Loop() {
		roundTrip(b, rt, req)
	}
}

func roundTrip(tb testing.TB, rt http.RoundTripper, req *http.Request) {
	resp, err := rt.RoundTrip(req)
	if err != nil {
		tb.Fatal(err)
	}
	if resp.Body != http.NoBody {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
}

// BenchmarkRoundTripAllocs fails if the transport adds more than three
// allocations: the copy of the request, and the map of its headers, which is two.
func BenchmarkRoundTripAllocs(b *testing.B) {
	const limit = 3
	req := request(b)
	rt := advowareTransport(b, stub{}, new(gateway))
	bare := testing.AllocsPerRun(1000, func() { roundTrip(b, stub{}, req) })
	added := testing.AllocsPerRun(1000, func() { roundTrip(b, rt, req) }) - bare
	if added > limit {
		b.Fatalf("%v allocations added to each request; want at most %d", added, limit)
	}
	roundTrips(b, rt)
	b.ReportMetric(added, "added-allocs/op")
}
