package main

import (
	"context"

	"github.com/alecthomas/kong"

	"github.com/advoware-go/advoware/cmd/advoware/internal/completion"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish,powershell" help:"bash, zsh, fish or powershell."`
}

// Run prints the script of a shell.
func (c *completionCmd) Run(ctx context.Context, std *stdio) error {
	script, err := completion.Script(c.Shell)
	if err != nil {
		return err
	}
	return std.print(ctx, script)
}

// complete answers the script of a shell. Whatever is wrong, it prints nothing: somebody is
// typing.
func complete(parser *kong.Kong, words []string, std *stdio) int {
	answer, err := completion.Complete(parser.Model, words)
	if err != nil || answer.Print(std.out) != nil {
		return statusUsage
	}
	return statusDone
}
