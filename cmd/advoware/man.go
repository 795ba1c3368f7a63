package main

import (
	"context"

	"github.com/alecthomas/kong"

	"github.com/advoware-go/advoware/cmd/advoware/internal/build"
	"github.com/advoware-go/advoware/cmd/advoware/internal/manual"
	"github.com/advoware-go/advoware/cmd/advoware/internal/settings"
)

type manCmd struct{}

// Run prints the manual page.
func (manCmd) Run(ctx context.Context, std *stdio, parser *kong.Kong) error {
	info := build.Read(version)
	page := manual.Page{
		Version: info.Version,
		Status: []manual.Status{
			{Code: "0", Help: "Done."},
			{Code: "1", Help: "A call failed, a check of the doctor did, or what was to be printed could not be written."},
			{Code: "2", Help: "The command line or the configuration is wrong."},
		},
		Examples: []manual.Example{
			{Line: "advoware call --sandbox GET /employees", Help: "A call to a fake Advoware: nothing has to be configured."},
			{Line: "advoware --env-file .env call GET /employees -q limit=10", Help: "A call with the variables of a file."},
			{Line: "advoware --env-file .env config", Help: "What is in force, and where it is from."},
			{Line: "source <(advoware completion bash)", Help: "Completion in this shell."},
		},
		SeeAlso: "docs/command.md, docs/configuration.md and .env.example of the project github.com/advoware-go/advoware.",
	}
	if len(info.Time) >= len("2006-01-02") {
		page.Date = info.Time[:len("2006-01-02")]
	}
	for _, v := range settings.Table {
		page.Variables = append(page.Variables, manual.Variable{Name: v.Name, Help: v.Help()})
	}
	return std.print(ctx, page.Roff(parser.Model))
}
