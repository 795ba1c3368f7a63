package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/alecthomas/kong"
)

type versionCmd struct{}

// Run prints the version of the module, as far as the build knows it.
func (versionCmd) Run(std *stdio) error {
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	_, err := fmt.Fprintf(std.out, "advoware %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

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
