package main

import (
	"github.com/alecthomas/kong"

	"github.com/advoware-go/advoware/cmd/advoware/internal/failure"
	"github.com/advoware-go/advoware/cmd/advoware/internal/suggest"
)

type helpCmd struct {
	Command []string `arg:"" optional:"" complete:"command" help:"The command to explain."`
}

// Run prints the help of a command, or of all.
func (h *helpCmd) Run(k *kong.Kong) error {
	ctx, err := kong.Trace(k, h.Command)
	if err != nil {
		return failure.Usage{Err: err}
	}
	if ctx.Error != nil && len(h.Command) > 0 && ctx.Selected() == nil {
		return suggest.Explain(ctx.Error, ctx)
	}
	return ctx.PrintUsage(false)
}
