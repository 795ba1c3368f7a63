package client_test

import (
	"log/slog"
	"net/http"
	"testing"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/discovery"
)

func TestBaseURLWithoutDiscovery(t *testing.T) {
	w := start(t, setup{})
	base, err := w.BaseURL(t.Context())
	if err != nil || base.String() != w.fake.BaseURL() {
		t.Error(base, err)
	}
	var none *client.Client
	if _, err := none.BaseURL(t.Context()); err == nil {
		t.Error("a nil client has a base URL")
	}
}

// A request for the configured address needs a URL of its own besides, in one allocation
// with the copy.
func TestRoundTripAllocationsWithDiscovery(t *testing.T) {
	o := startOffices(t)
	o.names.Store("http://127.0.0.1:1/")
	finder, err := discovery.New(discovery.Config{URL: o.url, Kanzlei: "k", BaseURL: discoveryBase, TokenURL: discoveryBase})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(finder.Close)
	if _, err := finder.Find(t.Context()); err != nil {
		t.Fatal(err)
	}
	resp := &http.Response{StatusCode: 200, Body: http.NoBody}
	base := roundTrip(func(*http.Request) (*http.Response, error) { return resp, nil })
	tr := &client.Transport{Source: newSource(t, "tok-1"), Origin: parse(t, discoveryBase), Discovery: finder, Base: base, Logger: slog.New(slog.DiscardHandler)}
	for _, target := range []string{discoveryBase, "http://127.0.0.1:1/"} {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", target, nil)
		floor := testing.AllocsPerRun(100, func() { _, _ = base.RoundTrip(req) })
		if got := testing.AllocsPerRun(100, func() { _, _ = tr.RoundTrip(req) }); got-floor > 3 {
			t.Errorf("%s: %v allocations more, want 3 at most", target, got-floor)
		}
	}
}
