package advoware

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
)

// Discovery says whether the vendor is asked where a Kanzlei is reached.
type Discovery string

const (
	// DiscoveryAuto asks if neither BaseURL nor TokenURL says anything but its default. It is
	// the default. Without an answer the vendor's defaults serve, with one warning.
	DiscoveryAuto Discovery = "auto"
	// DiscoveryOn always asks. Without an answer, and without a remembered one, calls fail
	// with an error that matches discovery.ErrNoAddress. BaseURL then only names what
	// programs address their requests to, TokenURL the gateway that serves while the answer
	// names none, and one that may get the password wherever it is.
	DiscoveryOn Discovery = "on"
	// DiscoveryOff never asks.
	DiscoveryOff Discovery = "off"
)

// checkDiscovery reports what is wrong with the fields about discovery.
func (c *Config) checkDiscovery() error {
	var problems []error
	switch c.Discovery {
	case DiscoveryAuto, DiscoveryOn, DiscoveryOff:
	default:
		problems = append(problems, fmt.Errorf("Discovery is %q, not auto, on or off", c.Discovery))
	}
	if _, err := origin.Parse(c.DiscoveryURL, c.AllowInsecure); err != nil {
		problems = append(problems, fmt.Errorf("DiscoveryURL %w", err))
	}
	return errors.Join(problems...)
}

// discovers reports whether the vendor is asked.
func (c *Config) discovers() bool {
	return c.Discovery == DiscoveryOn ||
		c.Discovery == DiscoveryAuto && isSame(c.BaseURL, client.DefaultBaseURL) && isSame(c.TokenURL, gateway.DefaultURL)
}

// isSame reports whether two URLs lead to the same place, however they are written.
func isSame(one, other string) bool {
	a, err := origin.Parse(one, true)
	if err != nil {
		return false
	}
	b, err := origin.Parse(other, true)
	return err == nil && origin.Same(a, b) && strings.TrimRight(a.Path, "/") == strings.TrimRight(b.Path, "/")
}

// finder returns what finds the addresses of the Kanzlei, nil if they are as configured.
func (c *Config) finder(stores *Stores, base http.RoundTripper) (*discovery.Finder, error) {
	if !c.discovers() {
		return nil, nil
	}
	s, err := signer.New(c.Key)
	if err != nil {
		return nil, err
	}
	cfg := discovery.Config{
		URL: c.DiscoveryURL, Kanzlei: c.Kanzlei, BaseURL: c.BaseURL, TokenURL: c.TokenURL,
		Required: c.Discovery == DiscoveryOn, AllowInsecure: c.AllowInsecure, Base: base, Offices: &stores.offices,
		TTL: c.TokenLifetime, UserAgent: userAgent, Logger: c.Logger,
		// A signature that only the API key can make, which all processes of the Kanzlei have.
		Key: c.TokenKey, Secret: secret.New(s.Sign(signer.Message{Nonce: "addresses"})),
	}
	if stores.notes != nil {
		cfg.Memory = stores.notes
	}
	return discovery.New(cfg)
}
