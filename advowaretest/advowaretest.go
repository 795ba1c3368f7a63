// Package advowaretest starts a fake Advoware for a test, with the configuration that
// leads to it:
//
//	func TestMine(t *testing.T) {
//		c, fake := advowaretest.Client(t, clienttest.Options{})
//		…
//	}
//
// The fake is client/clienttest's, which shares no code with the client and so cannot
// make a Config of it; by hand it is advoware.ReadEnv with the fake's Getenv. No
// variable of the environment is read, no Redis is used, and with Options.InMemory
// nothing is sent over a network, so that it runs in a testing/synctest bubble.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for how the parts work
// together.
package advowaretest

import (
	"log/slog"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// Config starts a fake Advoware, which ends with the test, and returns it with a Config
// that leads to it. Tokens are kept in memory, and nothing is logged; change what you
// like and pass it to advoware.New. Options that cannot be used end the test.
func Config(t testing.TB, opts clienttest.Options) (advoware.Config, *clienttest.Server) {
	t.Helper()
	fake := clienttest.Start(t, opts)
	cfg, err := advoware.ReadEnv(fake.Getenv, advoware.StoreMemory)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Transport, cfg.Logger = fake.Transport(), slog.New(slog.DiscardHandler)
	return cfg, fake
}

// Client is Config with a client that is ready, which is closed when the test ends.
func Client(t testing.TB, opts clienttest.Options) (*client.Client, *clienttest.Server) {
	t.Helper()
	cfg, fake := Config(t, opts)
	c, err := advoware.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, fake
}
