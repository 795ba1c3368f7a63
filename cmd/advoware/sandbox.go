package main

import (
	"context"
	"fmt"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

type sandboxCmd struct {
	Addr         string        `default:"127.0.0.1:0" placeholder:"HOST:PORT" help:"Address to listen on; loopback only."`
	TokenLatency time.Duration `placeholder:"1s" help:"How long a token request takes."`
	Latency      time.Duration `placeholder:"200ms" help:"How long an API call takes."`
	Lifetime     time.Duration `default:"55m" placeholder:"55m" help:"How long a token lives."`
}

// Run serves until the context ends.
func (c *sandboxCmd) Run(ctx context.Context, std *stdio) error {
	if c.TokenLatency < 0 || c.Latency < 0 || c.Lifetime <= 0 {
		return usageError{fmt.Errorf("--token-latency and --latency must not be negative, --lifetime must be positive")}
	}
	fake, err := clienttest.New(clienttest.Options{
		Addr: c.Addr, TokenLatency: c.TokenLatency, Latency: c.Latency, Lifetime: c.Lifetime,
	})
	if err != nil {
		return usageError{err}
	}
	defer fake.Close()
	for _, line := range fake.Env() {
		fmt.Fprintln(std.out, line)
	}
	<-ctx.Done()
	return nil
}
