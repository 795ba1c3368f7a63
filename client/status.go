package client

import "github.com/advoware-go/advoware/client/status"

// Status returns how the client is, without a secret. It may be asked at any moment and
// sends nothing. status.Handler serves it.
func (c *Client) Status() status.Client {
	s := status.Client{Token: c.cfg.Source.Status()}
	if d := c.cfg.Discovery; d != nil {
		s.Discovered = d.Confirmed()
	}
	if c.cfg.stores.Status != nil {
		c.cfg.stores.Status(&s)
	}
	return s
}
