package clienttest_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// south is a second office, with a connector, and a token for it.
func south(t *testing.T, s *clienttest.Server, opts clienttest.ConnectorOptions) (*clienttest.Connector, string) {
	t.Helper()
	id := sandbox(s)
	id.Kanzlei = "Süd"
	if err := s.AddIdentity(id); err != nil {
		t.Fatal(err)
	}
	c, err := s.AddConnector("Süd", opts)
	if err != nil {
		t.Fatal(err)
	}
	r := askToken(t, s, toJSON(credentials(id, time.Now())))
	r.wants(t, 200)
	return c, r.json["access_token"].(string)
}

// at gets a path of a base, and returns the status, 0 if there is none.
func at(t *testing.T, client *http.Client, base, path, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := client.Do(req)
	if err != nil {
		return 0
	}
	res.Body.Close()
	return res.StatusCode
}

func TestConnectorServesItsOffice(t *testing.T) {
	onBoth(t, func(t *testing.T, s *clienttest.Server) {
		c, token := south(t, s, clienttest.ConnectorOptions{})
		client, relay := s.Client(), s.Issue()
		for _, step := range []struct {
			base, path, token string
			want              int
		}{
			{c.URL(), "employees", token, 200},
			{c.URL(), "employees", relay, 401},    // of another office
			{c.URL(), "api/v1/Token", token, 404}, // the gateway is not here
			{c.URL(), "AdvonetConfigurator/api/Url", token, 404},
			{s.BaseURL(), "employees", token, 503}, // not at the relay
			{s.BaseURL(), "employees", relay, 200},
		} {
			if got := at(t, client, step.base, step.path, step.token); got != step.want {
				t.Errorf("%s%s: status %d, want %d", step.base, step.path, got, step.want)
			}
		}
		addr := strings.TrimSuffix(strings.TrimPrefix(c.URL(), "http://"), "/")
		last := s.Requests()
		last = last[len(last)-6:]
		if q := last[1]; q.Kanzlei != "Süd" || q.Addr != addr || q.Host != addr || q.On != clienttest.API || q.Status != 401 {
			t.Errorf("%+v", q)
		}
		if q := last[4]; q.Kanzlei != "Süd" || q.Addr == addr {
			t.Errorf("%+v", q)
		}
		if q := last[5]; q.Kanzlei != s.Options().Kanzlei {
			t.Errorf("%+v", q)
		}
		if got := discover(t, s, "Süd").json; got["connectorUrl"] != c.URL() || got["relayUrl"] != s.BaseURL() {
			t.Errorf("%v", got)
		}
		if _, err := s.AddConnector("Süd", clienttest.ConnectorOptions{}); err == nil {
			t.Error("a second connector of an office was taken")
		}
		if _, err := s.AddConnector("Nord", clienttest.ConnectorOptions{Addr: addr}); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("a second connector on one address: %v", err)
		}
		s.Close()
		if got := at(t, client, c.URL(), "employees", token); got != 0 {
			t.Errorf("after the end: status %d", got)
		}
		if c.Open() == nil || c.Move("") == nil {
			t.Error("a connector of a closed server was opened")
		}
		if _, err := s.AddConnector("West", clienttest.ConnectorOptions{}); err == nil {
			t.Error("a closed server got a connector")
		}
	})
}

func TestConnectorDataIsOfItsOffice(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	_, token := south(t, s, clienttest.ConnectorOptions{Relay: true})
	call(t, s, token, "POST", "/appointments", `{"datum":"2031-02-10","text":"x"}`).wants(t, 201)
	if all := array(t, call(t, s, token, "GET", "/appointments?from=2031-02-10", "")); len(all) != 1 {
		t.Errorf("%d appointments", len(all))
	}
	if all := array(t, call(t, s, s.Issue(), "GET", "/appointments?from=2031-02-10", "")); len(all) != 0 {
		t.Errorf("%d appointments of another office", len(all))
	}
}

func TestConnectorMoves(t *testing.T) {
	onBoth(t, func(t *testing.T, s *clienttest.Server) {
		c, token := south(t, s, clienttest.ConnectorOptions{})
		client, was := s.Client(), c.URL()
		reach := func(base string, want int) {
			t.Helper()
			if got := at(t, client, base, "employees", token); got != want {
				t.Errorf("%s: status %d, want %d", base, got, want)
			}
		}
		reach(was, 200)
		if err := c.Move(""); err != nil || c.URL() == was {
			t.Fatalf("%s, %v", c.URL(), err)
		}
		reach(was, 0)
		reach(c.URL(), 200)
		if got := discover(t, s, "Süd").json["connectorUrl"]; got != c.URL() {
			t.Errorf("%v, want %s", got, c.URL())
		}
		c.Close()
		c.Close()
		reach(c.URL(), 0)
		for range 2 {
			if err := c.Open(); err != nil {
				t.Error(err)
			}
		}
		reach(c.URL(), 200)
		now := c.URL()
		if err := c.Move("nonsense"); err == nil || c.URL() != now {
			t.Errorf("%s, %v", c.URL(), err)
		}
		reach(now, 200)
		if s.Options().InMemory { // on TCP somebody else may have the port by now
			if err := c.Move(strings.Trim(strings.TrimPrefix(was, "http:"), "/")); err != nil || c.URL() != was {
				t.Errorf("back: %s, %v", c.URL(), err)
			}
			reach(was, 200)
		}

		// What SetDiscovery says stays.
		was = c.URL()
		s.SetDiscovery("Süd", s.Discovery("Süd"))
		if err := c.Move(""); err != nil {
			t.Fatal(err)
		}
		if got := discover(t, s, "Süd").json["connectorUrl"]; got != was {
			t.Errorf("%v, want %s", got, was)
		}
	})
}

func TestConnectorOverTLS(t *testing.T) {
	onBoth(t, func(t *testing.T, s *clienttest.Server) {
		c, token := south(t, s, clienttest.ConnectorOptions{TLS: true, Hosts: []string{"127.0.0.1", "connector.local"}})
		if !strings.HasPrefix(c.URL(), "https://127.0.0.1:") || !strings.HasPrefix(c.Pin(), "sha256/") || len(c.Pin()) != len("sha256/")+44 {
			t.Errorf("%s, %s", c.URL(), c.Pin())
		}
		if got := at(t, s.Client(), c.URL(), "employees", token); got != 0 {
			t.Errorf("a client that trusts nobody: status %d", got)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(c.CA()) {
			t.Fatalf("%s", c.CA())
		}
		trusting := s.Transport().Clone()
		trusting.TLSClientConfig = &tls.Config{RootCAs: pool}
		t.Cleanup(trusting.CloseIdleConnections)
		client := &http.Client{Transport: trusting}
		if got := at(t, client, c.URL(), "employees", token); got != 200 {
			t.Errorf("status %d", got)
		}
		pin := c.Pin()
		if err := c.Move(""); err != nil || c.Pin() != pin {
			t.Errorf("%v", err)
		}
		if got := at(t, client, c.URL(), "employees", token); got != 200 {
			t.Errorf("after it has moved: status %d", got)
		}
		for _, fault := range []clienttest.Fault{{Reset: true}, {Cut: true}} {
			fault.On = clienttest.API
			injected := s.Inject(fault)
			res, err := client.Get(c.URL() + "employees")
			if err == nil {
				_, err = res.Body.Read(make([]byte, 1<<20))
				res.Body.Close()
			}
			if injected.Hits() != 1 {
				t.Errorf("%+v: %v", fault, err)
			}
		}
	})
}

func TestConnectorWithItsOwnConfig(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	first, token := south(t, s, clienttest.ConnectorOptions{TLS: true})
	own := new(tls.Config) // asks for a certificate, and shows one of the fake's
	own.ClientAuth = tls.RequireAnyClientCert
	c, err := s.AddConnector("West", clienttest.ConnectorOptions{Config: own})
	if err != nil {
		t.Fatal(err)
	}
	if c.Pin() == first.Pin() || len(own.Certificates) != 0 {
		t.Error("two connectors have one certificate, or the configuration was changed")
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(c.CA())
	trusting := s.Transport().Clone()
	trusting.TLSClientConfig = &tls.Config{RootCAs: pool}
	t.Cleanup(trusting.CloseIdleConnections)
	if got := at(t, &http.Client{Transport: trusting}, c.URL(), "employees", token); got != 0 {
		t.Errorf("without a certificate: status %d", got)
	}
}

// In a bubble a connector hangs, moves and closes as everything else does.
func TestConnectorInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.Start(t, clienttest.Options{InMemory: true})
		c, token := south(t, s, clienttest.ConnectorOptions{Addr: "connector.local:88", TLS: true})
		if c.URL() != "https://connector.local:88/" {
			t.Error(c.URL())
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(c.CA())
		transport := s.Transport().Clone()
		transport.TLSClientConfig = &tls.Config{RootCAs: pool}
		defer transport.CloseIdleConnections()
		client := &http.Client{Transport: transport}
		hang := s.Inject(clienttest.Fault{On: clienttest.API, Hang: true})
		go func() {
			if err := hang.Wait(t.Context(), 1); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Minute)
			c.Close()
		}()
		began := time.Now()
		if got := at(t, client, c.URL(), "employees", token); got != 0 || time.Since(began) != time.Minute {
			t.Errorf("status %d after %v", got, time.Since(began))
		}
		if err := c.Open(); err != nil {
			t.Fatal(err)
		}
		if got := at(t, client, c.URL(), "employees", token); got != 200 {
			t.Errorf("status %d", got)
		}
	})
}

func TestConnectorMovesUnderLoad(t *testing.T) {
	onBoth(t, func(t *testing.T, s *clienttest.Server) {
		c, token := south(t, s, clienttest.ConnectorOptions{})
		done := make(chan struct{})
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
						at(t, s.Client(), c.URL(), "employees", token)
					}
				}
			})
		}
		for i := range 20 {
			if err := c.Move(""); err != nil {
				t.Error(err)
			}
			if i%5 == 0 {
				c.Close()
			}
		}
		close(done)
		all.Wait()
		if got := at(t, s.Client(), c.URL(), "employees", token); got != 200 {
			t.Errorf("status %d", got)
		}
		var seen []string
		for _, q := range s.Requests() {
			if q.Kanzlei == "Süd" && !slices.Contains(seen, q.Addr) {
				seen = append(seen, q.Addr)
			}
		}
		if u, err := url.Parse(c.URL()); err != nil || !slices.Contains(seen, u.Host) {
			t.Errorf("%s is not among %q", c.URL(), seen)
		}
	})
}
