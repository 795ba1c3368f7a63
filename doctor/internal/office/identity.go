package office

import (
	"log/slog"

	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/client/gateway"
)

// Identity returns what names whose token a client has, and its credentials, as package gateway
// has both; "" if there are none that can be used. They show no secret.
func (o *Office) Identity() (identity, credentials string) {
	if o.unusable() != "" {
		return "", ""
	}
	c := &o.Config
	cfg := gateway.Config{
		URL: c.TokenURL, AllowInsecure: c.AllowInsecure, App: c.App, Kanzlei: c.Kanzlei, Database: c.Database, User: c.User,
		Password: c.Password, Key: c.Key, Product: c.Product, Role: c.Role, Logger: slog.New(slog.DiscardHandler),
	}
	if o.discovers() {
		f, err := discovery.New(discovery.Config{URL: c.DiscoveryURL, AllowInsecure: c.AllowInsecure, Kanzlei: c.Kanzlei, BaseURL: c.BaseURL, TokenURL: c.TokenURL})
		if err != nil {
			return "", ""
		}
		defer f.Close()
		cfg.Discovery = f // it names the service that was asked
	}
	g, err := gateway.New(cfg)
	if err != nil {
		return "", ""
	}
	return cfg.Identity(), g.Credentials()
}
