package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/cmd/advoware/internal/settings"
)

type configCmd struct {
	Store advoware.StoreKind `enum:"tiered,memory,redis" default:"tiered" placeholder:"KIND" help:"The settings for this store: tiered (default), memory, which has none for Redis, or redis."`
	JSON  bool               `help:"Print JSON."`
}

// Run prints what is in force, and fails with what is wrong with it.
func (c *configCmd) Run(ctx context.Context, std *stdio) error {
	report, problem := settings.Read(settings.From{
		Getenv: os.Getenv, Environ: os.Environ(),
		EnvFile: std.file.name, InFile: std.file.taken, Hidden: std.file.other,
	}, c.Store)
	text := report.Text()
	if c.JSON {
		var err error
		if text, err = json.MarshalIndent(report, "", "  "); err != nil {
			return err
		}
		text = append(text, '\n')
	}
	if err := std.print(ctx, text); err != nil {
		return errors.Join(problem, err)
	}
	return problem
}
