package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/cmd/advoware/internal/failure"
	"github.com/advoware-go/advoware/doctor"
	"github.com/advoware-go/advoware/internal/origin"
)

type doctorCmd struct {
	JSON     bool    `help:"Print one JSON object: version, ok, and checks with group, name, status, saw, want and hint."`
	Short    bool    `help:"Print what is not as it should be and nothing else, to paste into a chat."`
	Fetch    bool    `help:"Make one token request, which may count against the account."`
	Endpoint *string `placeholder:"PATH" help:"Make one GET of a path, with the token that there is, or else with a token request."`
}

// Run looks, prints what it found, and fails if something did.
func (c *doctorCmd) Run(ctx context.Context, std *stdio) error {
	if err := c.check(); err != nil {
		return failure.Usage{Err: err}
	}
	switch {
	case c.Fetch:
		fmt.Fprintln(std.err, "advoware: doctor: --fetch makes one token request, which may count against the account")
	case c.Endpoint != nil:
		fmt.Fprintln(std.err, "advoware: doctor: --endpoint makes one GET, and, if there is no token, one token request, which may count against the account")
	}
	goredis.SetLogger(silent{}) // it would write lines of its own to stderr
	opts := doctor.Options{Fetch: c.Fetch}
	if c.Endpoint != nil {
		opts.Endpoint = *c.Endpoint
	}
	report := opts.RunEnv(ctx, os.Environ())
	text, err := c.text(report)
	if err != nil {
		return err
	}
	if err := std.print(ctx, text); err != nil {
		return err
	}
	if !report.OK {
		return errReported
	}
	return nil
}

// check returns what is wrong with the flags.
func (c *doctorCmd) check() error {
	if c.JSON && c.Short {
		return errors.New("--json and --short are two forms: give one (see advoware help doctor)")
	}
	if c.Endpoint == nil {
		return nil
	}
	if *c.Endpoint == "" {
		return errors.New("--endpoint has no path")
	}
	if _, err := origin.Join(&url.URL{Scheme: "https", Host: "base"}, *c.Endpoint); err != nil {
		return fmt.Errorf("--endpoint: %w", err)
	}
	return nil
}

func (c *doctorCmd) text(r doctor.Report) ([]byte, error) {
	switch {
	case c.JSON:
		text, err := json.MarshalIndent(r, "", "  ")
		return append(text, '\n'), err
	case c.Short:
		return []byte(r.Short()), nil
	}
	return []byte(r.String()), nil
}

// errReported is a failure that standard output has reported.
var errReported = errors.New("something failed")

// silent drops what go-redis would write.
type silent struct{}

// Printf implements the interface of go-redis.
func (silent) Printf(context.Context, string, ...any) {}
