package client

import "github.com/advoware-go/advoware/client/status"

// Status returns how the client is, without a secret. It may be asked at any moment and
// sends nothing. status.Handler serves it.
func (c *Client) Status() status.Client {
	s := status.Client{Token: c.source.Status()}
	if d := c.transport.Discovery; d != nil {
		s.Discovered = d.Confirmed()
	}
	if c.stores.Status != nil {
		c.stores.Status(&s)
	}
	return s
}
