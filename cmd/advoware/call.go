package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/cmd/advoware/internal/header"
	"github.com/advoware-go/advoware/cmd/advoware/internal/payload"
)

type callCmd struct {
	Method   *string `arg:"" optional:"" complete:"GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS" help:"GET, POST, PUT, PATCH, DELETE or another method."`
	Endpoint *string `arg:"" optional:"" help:"Path under the base URL, such as /employees."`

	Param   []string      `short:"q" sep:"none" placeholder:"K=V" help:"Query parameter; repeatable."`
	Header  []string      `short:"H" sep:"none" placeholder:"'K: V'" help:"Header of the request; repeatable. Those that the token or the connection sets are refused."`
	Data    *string       `short:"d" complete:"@file" placeholder:"JSON" help:"Body: JSON, @FILE, or - for standard input."`
	Timeout time.Duration `placeholder:"TIME" help:"Bound on a call, token, retry and body included, such as 10s; default ADVOWARE_API_TIMEOUT_SECONDS, which is 30."`

	Output  *string `short:"o" sep:"none" placeholder:"FILE" help:"Write the answer to FILE, as a whole or not at all; - is standard output."`
	Include bool    `short:"i" help:"Print the status and the header of the answer to standard output, before the body."`
	Raw     bool    `help:"Print the answer as it was sent, JSON or not, as into a pipe; a terminal gets escapes in place of control characters."`
	Pretty  bool    `help:"Print a line for each member of the JSON, as on a terminal."`

	Repeat      int `default:"1" placeholder:"N" help:"Make the call N times (default 1); the last body is printed."`
	Concurrency int `default:"1" placeholder:"C" help:"Make C calls at a time (default 1)."`

	Batch    bool `help:"Make the calls that standard input lists, one a line: /path, or METHOD /path, or JSON with method, endpoint, query and body. Prints a line of JSON for each, in their order."`
	ReadOnly bool `help:"Refuse everything but GET, HEAD and OPTIONS, as ADVOWARE_READ_ONLY=true does."`

	connectFlags
}

// request turns the flags into a Request.
func (c *callCmd) request(ctx context.Context, std *stdio) (client.Request, error) {
	r := client.Request{Query: url.Values{}, Header: http.Header{}}
	if err := c.arguments(); err != nil {
		return r, err
	}
	if !c.Batch {
		r.Method, r.Endpoint = strings.ToUpper(*c.Method), *c.Endpoint
	}
	if c.Repeat < 1 || c.Concurrency < 1 {
		return r, errors.New("--repeat and --concurrency must be at least 1")
	}
	if c.Raw && c.Pretty {
		return r, errors.New("--raw and --pretty are two forms: choose one")
	}
	if c.Timeout < 0 {
		return r, errors.New("--timeout must not be negative")
	}
	for _, p := range c.Param {
		name, value, ok := strings.Cut(p, "=")
		if !ok || name == "" {
			return r, fmt.Errorf("--param %q is not of the form k=v", p)
		}
		r.Query.Add(name, value)
	}
	for _, h := range c.Header {
		name, value, err := header.Parse(h)
		if err != nil {
			return r, fmt.Errorf("--header %w", err)
		}
		r.Header.Add(name, value)
	}
	if c.Data == nil {
		return r, nil
	}
	body, err := payload.JSON(ctx, *c.Data, std.in)
	r.Body = body
	return r, err
}

// arguments reports those that are missing, and flags that do not go together.
func (c *callCmd) arguments() error {
	if c.Batch {
		for name, given := range map[string]bool{
			"METHOD and ENDPOINT": c.Method != nil, "--param": len(c.Param) > 0, "--data": c.Data != nil,
			"--repeat": c.Repeat != 1, "--include": c.Include, "--raw": c.Raw, "--pretty": c.Pretty,
		} {
			if given {
				return errors.New(name + " does not go with --batch: the list says what is called")
			}
		}
		return nil
	}
	switch {
	case c.Method == nil:
		return errors.New(`expected "<method> <endpoint>", such as GET /employees (see advoware help call)`)
	case *c.Method == "":
		return errors.New("the method is empty: write GET, POST, PUT, PATCH or DELETE")
	case c.Endpoint == nil:
		return errors.New(`expected "<endpoint>", such as /employees (see advoware help call)`)
	}
	return nil
}
