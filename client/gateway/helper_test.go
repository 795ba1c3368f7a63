package gateway_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
	"github.com/advoware-go/advoware/store"
)

func inMemory(t *testing.T) *clienttest.Server {
	t.Helper()
	return clienttest.Start(t, clienttest.Options{InMemory: true})
}

// account is the configuration of somebody whom the fake knows.
func account(t *testing.T, fake *clienttest.Server) gateway.Config {
	t.Helper()
	o := fake.Options()
	return gateway.Config{
		URL: fake.TokenURL(), AllowInsecure: o.InMemory, Base: fake.Transport(),
		App: o.AppID, Kanzlei: o.Kanzlei, Database: o.Database, User: o.User,
		Password: secret.New(o.Password), Key: key(t, o.APIKey), Product: o.Product, Role: o.Role,
		Logger: slog.New(slog.DiscardHandler),
	}
}

// stubbed is a configuration whose requests are answered by a function.
func stubbed(t testing.TB, base roundTripper) gateway.Config {
	t.Helper()
	return gateway.Config{
		App: "app", Kanzlei: "kanzlei", Database: "database", User: "user",
		Password: secret.New("a password"), Key: key(t, "a2V5"), Base: base,
		Logger: slog.New(slog.DiscardHandler),
	}
}

func key(t testing.TB, text string) signer.Key {
	t.Helper()
	k, err := signer.ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func open(t testing.TB, cfg gateway.Config) *gateway.Gateway {
	t.Helper()
	g, err := gateway.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func fetch(t *testing.T, g *gateway.Gateway) store.Token {
	t.Helper()
	tok, err := g.Fetch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// response is an answer of a stub; header lines are "Name: value".
func response(status int, body io.Reader, header ...string) *http.Response {
	res := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(body)}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		res.Header.Set(name, value)
	}
	return res
}

// answer makes a stub that always gives one answer.
func answer(status int, body string, header ...string) roundTripper {
	return func(*http.Request) (*http.Response, error) {
		return response(status, strings.NewReader(body), header...), nil
	}
}

func dated(at time.Time) string { return "Date: " + at.UTC().Format(http.TimeFormat) }

// sent decodes the body of a token request, with numbers as they are written.
func sent(t *testing.T, body string) map[string]any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(body))
	dec.UseNumber()
	var fields map[string]any
	if err := dec.Decode(&fields); err != nil {
		t.Fatalf("the request is not JSON: %v", err)
	}
	return fields
}

// requests are the bodies that reached the token endpoint of the fake.
func requests(t *testing.T, fake *clienttest.Server) []map[string]any {
	t.Helper()
	var all []map[string]any
	for _, r := range fake.RawRequests() {
		all = append(all, sent(t, string(r.Body)))
	}
	return all
}
