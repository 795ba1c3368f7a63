// Package clienthook lets package advoware give a client what is no part of
// client.Config: the stores that belong to the client, how often they failed and how they are.
//
// A field of client.Config would have to be explained to everybody, and only this module
// can fill it in. Package client sets [Attach] when it is linked.
package clienthook

import (
	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/client/status"
)

// Stores are what a client needs to know of stores that belong to it.
type Stores struct {
	// Errors returns how often the far store failed, for Client.Stats; nil means never.
	Errors func() uint64
	// Metrics returns what the stores did, for Client.Metrics; nil means nothing is known.
	Metrics func() metric.Stores
	// Status completes the status of a client whose token is in it, for Client.Status; nil
	// means that there is nothing to add.
	Status func(*status.Client)
	// Close is called once by Client.Close, after the Source was closed; nil means that
	// nothing is.
	Close func() error
}

// Attach gives a *client.Config its stores. It panics for anything else.
var Attach func(config any, s Stores)
