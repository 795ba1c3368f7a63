package sidecar

import "time"

// Limits are the flags that bound what clients and offices may use.
type Limits struct {
	MaxRequests   int           `default:"1000" placeholder:"N" help:"How many requests may be under way; more are answered with 503; default 1000. To one of several offices half as many."`
	MaxHeader     int           `default:"65536" placeholder:"BYTES" help:"How long the header of a request may be, about; more is answered with 431; default 65536."`
	OfficeStall   time.Duration `default:"30s" placeholder:"TIME" help:"How long nothing may move to or from an office; default 30s."`
	ClientStall   time.Duration `default:"30s" placeholder:"TIME" help:"How long nothing may move to or from a client; default 30s."`
	HeaderTimeout time.Duration `default:"10s" placeholder:"TIME" help:"How long the header of a request may take; default 10s."`
	IdleTimeout   time.Duration `default:"2m" placeholder:"TIME" help:"How long a connection may wait for the next request; default 2m."`
}
