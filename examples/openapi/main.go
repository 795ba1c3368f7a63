// Command openapi lists the cases of a Kanzlei that have a text in them, by a client that is
// generated from openapi.yaml. The generated code knows nothing of tokens: it is given the
// HTTPClient of ours, which adds them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/examples/openapi/api"
)

// The generator is pinned in go.mod, as a tool.
//go:generate go tool oapi-codegen -config oapi-codegen.yaml -o api/api.gen.go openapi.yaml

func main() {
	search := flag.String("search", "", "the `text` to look for; without it all cases are listed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, *search); err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, search string) (err error) {
	cfg, err := advoware.FromEnv()
	if err != nil {
		return err
	}
	c, err := advoware.New(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	// Its requests are addressed to the configured URL; if the office has an address of its
	// own, that is where they are sent.
	generated, err := api.NewClientWithResponses(cfg.BaseURL, api.WithHTTPClient(c.HTTPClient()))
	if err != nil {
		return err
	}

	// The HTTPClient bounds the time up to the header; that of the body is for us to bound.
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	answer, err := generated.SearchCasesWithResponse(ctx, &api.SearchCasesParams{Search: &search})
	if err != nil {
		return err
	}
	if answer.JSON200 == nil { // a status is no error to generated code
		message := ""
		if problem := answer.JSONDefault; problem != nil {
			message = ": " + problem.Message
		}
		return errors.New(answer.Status() + message)
	}
	for _, found := range *answer.JSON200 {
		if _, err := fmt.Println(found.Aktenzeichen, found.Kurzrubrum); err != nil {
			return err
		}
	}
	return nil
}
