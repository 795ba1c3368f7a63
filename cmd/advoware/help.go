package main

import "github.com/alecthomas/kong"

type helpCmd struct {
	Command []string `arg:"" optional:"" complete:"command" help:"The command to explain."`
}

// Run prints the help of a command, or of all.
func (h *helpCmd) Run(k *kong.Kong) error {
	ctx, err := kong.Trace(k, h.Command)
	if err != nil {
		return usageError{err}
	}
	if ctx.Error != nil && len(h.Command) > 0 && ctx.Selected() == nil {
		return explained(ctx.Error, ctx)
	}
	return ctx.PrintUsage(false)
}
