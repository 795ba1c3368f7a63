package discovery_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// fromEnv is the configuration of a program in an environment that leads to a fake by
// discovery alone.
func fromEnv(t testing.TB, fake *clienttest.Server, more ...string) advoware.Config {
	t.Helper()
	vars := make(map[string]string)
	for _, pair := range append(fake.DiscoveryEnv(), more...) {
		name, value, _ := strings.Cut(pair, "=")
		vars[name] = value
	}
	cfg, err := advoware.ReadEnv(func(name string) string { return vars[name] }, advoware.StoreTiered)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// One process serves an office on the relay and one whose connector has a certificate of its
// own, by the environment and nothing else. The pin is that of one office and opens nothing to
// the other, and stays when the connector moves.
func TestConnectorWithACertificateOfItsOwnBesideARelay(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	id := fake.Identities()[0]
	id.Kanzlei = "Süd & Söhne #1/2+3 100%"
	if err := fake.AddIdentity(id); err != nil {
		t.Fatal(err)
	}
	office, err := fake.AddConnector(id.Kanzlei, clienttest.ConnectorOptions{TLS: true})
	if err != nil {
		t.Fatal(err)
	}
	redis := "REDIS_URL=redis://" + redistest.Start(t).Addr() + "?" + e2etest.Unhurried
	own := []string{redis, "ADVOWARE_KANZLEI=" + id.Kanzlei, "ADVOWARE_TOKEN_KEY=south"}
	relay := open(t, fromEnv(t, fake, redis))
	south := open(t, fromEnv(t, fake, append(own, "ADVOWARE_API_TLS_PIN="+office.Pin())...))
	for range 3 {
		mustCall(t, relay)
		mustCall(t, south)
	}
	if base, err := south.BaseURL(t.Context()); err != nil || base.String() != office.URL() {
		t.Errorf("the base URL is %v, %v; want %s", base, err, office.URL())
	}
	wantBase(t, relay, fake)

	if err := office.Move(""); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		mustCall(t, south)
		mustCall(t, relay)
	}
	if base, err := south.BaseURL(t.Context()); err != nil || base.String() != office.URL() {
		t.Errorf("it moved, and the base URL is %v, %v; want %s", base, err, office.URL())
	}
	var refused *client.CertificateError
	_, err = open(t, fromEnv(t, fake, own...)).Call(t.Context(), client.Request{Method: "POST", Endpoint: "/appointments"})
	if !errors.As(err, &refused) || refused.Pin != office.Pin() || !errors.Is(err, client.ErrNotSent) {
		t.Errorf("without the pin: %v", err)
	}
	if n := fake.Counts(); n.APICalls != 12 || n.TokenRequests != 2 || n.Unauthorized != 0 {
		t.Errorf("%+v", n)
	}
}

// A base URL that only names what generated code calls may be http: the settings are for where
// the office is.
func TestPinBesideABaseURLThatIsOnlyAName(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	office, err := fake.AddConnector(fake.Options().Kanzlei, clienttest.ConnectorOptions{TLS: true})
	if err != nil {
		t.Fatal(err)
	}
	const base = "http://localhost:8080/"
	c := open(t, fromEnv(t, fake, "ADVOWARE_DISCOVERY=on", "ADVOWARE_API_BASE_URL="+base, "ADVOWARE_API_TLS_PIN="+office.Pin()))
	resp, err := c.HTTPClient().Get("http://LOCALHOST:8080/employees")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 || fake.Counts().APICalls != 1 {
		t.Error(resp.Status, fake.Counts())
	}
}
