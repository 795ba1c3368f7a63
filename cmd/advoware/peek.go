package main

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/cmd/advoware/internal/failure"
	"github.com/advoware-go/advoware/cmd/advoware/internal/peek"
	"github.com/advoware-go/advoware/store"
)

// places is what `token --all` prints.
type places struct {
	Near nearPlace `json:"near"`
	Far  farPlace  `json:"far"`
}

type nearPlace struct {
	Token *tokenInfo `json:"token"`
	Why   string     `json:"why"`
}

type farPlace struct {
	Token *tokenInfo `json:"token"`
	Why   string     `json:"why,omitempty"` // there is none
	Keys  []peek.Key `json:"keys"`
}

// peek only looks.
func (c *tokenCmd) peek(ctx context.Context, std *stdio) error {
	switch {
	case c.Refresh:
		return failure.Usage{Err: errors.New("--refresh requests a token, and --peek and --all do not: choose one")}
	case c.storeKind() == advoware.StoreMemory:
		return failure.Usage{Err: errors.New("--peek and --all look into Redis: a process that keeps tokens in memory has none when it begins (choose --store tiered or redis)")}
	}
	cfg, stop, err := c.configure(std)
	if err != nil {
		return err
	}
	defer stop()
	look, err := peek.Open(cfg, cfg.Logger)
	if err != nil {
		return failure.Usage{Err: err}
	}
	defer look.Close()
	if c.Stats {
		std.stats = new(client.Stats)
	}
	var found store.Token
	var far farPlace
	err = within(ctx, func() (err error) {
		found, err = look.Token(ctx)
		if c.All {
			far.Keys = look.Keys(ctx, found)
		}
		return err
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	err = peek.Missing(err, cfg.TokenKey)
	if err == nil {
		far.Token = new(c.describe(token.Found{Token: found, Origin: token.Far}))
	} else {
		far.Why = failure.OneLine(failure.Text(err))
	}
	var shown any = far.Token
	switch {
	case c.All:
		shown = places{Near: nearPlace{Why: "this process has just begun"}, Far: far}
	case err != nil:
		return err
	}
	text, marshalErr := json.MarshalIndent(shown, "", "  ")
	if marshalErr != nil {
		return marshalErr
	}
	return errors.Join(err, std.print(ctx, append(text, '\n')))
}
