package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/client/gateway"
)

// discovering returns a Finder by a service that names a gateway, and nothing if that is "".
func discovering(t *testing.T, names *atomic.Value, required bool) *discovery.Finder {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if name := names.Load().(string); name != "" {
			fmt.Fprintf(w, `{"relayUrl":"https://relay.example/","securityGateway":%q}`, name)
		} else {
			w.WriteHeader(503)
		}
	}))
	t.Cleanup(srv.Close)
	f, err := discovery.New(discovery.Config{
		URL: srv.URL, Kanzlei: "kanzlei", BaseURL: "https://www2.advo-net.net:90/", TokenURL: gateway.DefaultURL, Required: required,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

func TestGatewayThatMovesIsAskedAtItsNewAddress(t *testing.T) {
	before, after := clienttest.Start(t, clienttest.Options{}), clienttest.Start(t, clienttest.Options{})
	address := func(fake *clienttest.Server) string { return strings.TrimSuffix(fake.TokenURL(), "api/v1/Token") }
	if !strings.HasSuffix(before.TokenURL(), "/api/v1/Token") {
		t.Fatal(before.TokenURL())
	}
	var names atomic.Value
	names.Store(address(before))
	finder := discovering(t, &names, false)
	cfg := account(t, before)
	cfg.URL, cfg.Discovery, cfg.Base = "", finder, nil
	g := open(t, cfg)
	if _, err := g.Fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	before.Close()
	names.Store(address(after))
	if _, err := g.Fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := after.Counts().TokenRequests; n != 1 {
		t.Errorf("%d requests at the new address", n)
	}
	after.Close()
	_, err := g.Fetch(t.Context())
	if e, ok := errors.AsType[*gateway.TokenError](err); !ok || e.Kind != gateway.Outage || e.URL != after.TokenURL() {
		t.Errorf("%v does not name %s", err, after.TokenURL())
	}
}

func TestGatewayThatIsNotKnown(t *testing.T) {
	var names atomic.Value
	names.Store("")
	fake := clienttest.Start(t, clienttest.Options{})
	cfg := account(t, fake)
	cfg.URL, cfg.Discovery = "", discovering(t, &names, true)
	g := open(t, cfg)
	_, err := g.Fetch(t.Context())
	if !errors.Is(err, gateway.ErrOutage) || !errors.Is(err, discovery.ErrNoAddress) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.Fetch(ctx); !errors.Is(err, context.Canceled) || !errors.Is(err, gateway.ErrOutage) {
		t.Error(err)
	}
	if n := fake.Counts().TokenRequests; n != 0 {
		t.Errorf("%d token requests", n)
	}
}

// Where an office has moved to says nothing of whose tokens a key is for; which service is
// asked does, if it is not the vendor's.
func TestIdentityDoesNotMove(t *testing.T) {
	var names atomic.Value
	names.Store("")
	base := gateway.Config{App: "app", Kanzlei: "kanzlei", Database: "d", User: "u"}
	by := func(url string) string {
		t.Helper()
		f, err := discovery.New(discovery.Config{URL: url, Kanzlei: "kanzlei", BaseURL: "https://www2.advo-net.net:90/", TokenURL: gateway.DefaultURL})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(f.Close)
		cfg := base
		cfg.Discovery = f
		return cfg.Identity()
	}
	if by("") != base.Identity() {
		t.Error("discovery changes the identity")
	}
	if by("https://test.advo-net.org/Url") == base.Identity() {
		t.Error("the test environment has the identity of the real one")
	}
	if by("http://127.0.0.1:1/Url") != by("http://localhost:2/Url") {
		t.Error("the port of a sandbox counts")
	}
}
