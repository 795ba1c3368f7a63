package main

import (
	"context"
	"encoding/json"

	"github.com/advoware-go/advoware/cmd/advoware/internal/build"
)

// version is that of a release: make release has the linker set it.
var version string

type versionCmd struct {
	JSON bool `help:"Print JSON, with the checksums of the dependencies."`
}

// Run prints what this program was built from.
func (c *versionCmd) Run(ctx context.Context, std *stdio) error {
	info := build.Read(version)
	if !c.JSON {
		return std.print(ctx, []byte(info.String()))
	}
	text, err := json.MarshalIndent(info, "", "  ")
	if err != nil {
		return err
	}
	return std.print(ctx, append(text, '\n'))
}
