package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/cmd/advoware/internal/header"
	"github.com/advoware-go/advoware/internal/bounded"
)

type callCmd struct {
	Method   string `arg:"" complete:"GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS" help:"GET, POST, PUT, PATCH, DELETE or another method."`
	Endpoint string `arg:"" help:"Path under the base URL, such as /employees."`

	Param   []string      `short:"q" sep:"none" placeholder:"K=V" help:"Query parameter; repeatable."`
	Header  []string      `short:"H" sep:"none" placeholder:"'K: V'" help:"Header of the request; repeatable. Those that the token or the connection sets are refused."`
	Data    *string       `short:"d" complete:"@file" placeholder:"JSON" help:"Body: JSON, @FILE, or - for standard input."`
	Timeout time.Duration `placeholder:"TIME" help:"Bound on a call, token, retry and body included, such as 10s; default ADVOWARE_API_TIMEOUT_SECONDS, which is 30."`

	Repeat      int `default:"1" placeholder:"N" help:"Make the call N times (default 1); the last body is printed."`
	Concurrency int `default:"1" placeholder:"C" help:"Make C calls at a time (default 1)."`

	connectFlags
}

// Run makes the calls.
func (c *callCmd) Run(ctx context.Context, std *stdio) error {
	request, err := c.request(ctx, std)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return usageError{err}
	}
	api, end, err := c.connect(ctx, std, c.Repeat == 1)
	if err != nil {
		return err
	}
	defer end()
	answer, err := c.repeat(ctx, api, request)
	if c.Stats {
		std.stats = new(api.Stats())
	}
	if len(answer) > 0 && !bytes.HasSuffix(answer, []byte("\n")) {
		answer = append(answer, '\n')
	}
	if len(answer) > 0 {
		err = errors.Join(err, std.print(ctx, answer))
	}
	return err
}

// repeat makes all calls, whatever becomes of each, until ctx ends. It returns the body
// that came last, and an error if any call failed or was not made.
func (c *callCmd) repeat(ctx context.Context, api *client.Client, request client.Request) (json.RawMessage, error) {
	var (
		mu   sync.Mutex
		last json.RawMessage
		run  = interrupted{of: c.Repeat}
	)
	one := func() error {
		if ctx.Err() != nil {
			return nil
		}
		answer, err := api.Call(ctx, request)
		mu.Lock()
		defer mu.Unlock()
		run.made++
		switch {
		case err == nil:
			last = answer
		case ctx.Err() != nil && errors.Is(err, context.Canceled):
			run.cut, run.last = run.cut+1, err
		default:
			if run.failed++; run.failed == 1 {
				run.first = err
			}
		}
		return nil
	}
	_ = within(ctx, func() error {
		var g errgroup.Group
		g.SetLimit(c.Concurrency)
		for i := 0; i < c.Repeat && ctx.Err() == nil; i++ {
			g.Go(one)
		}
		return g.Wait()
	})
	mu.Lock() // a call may still be under way after an interrupt
	defer mu.Unlock()
	switch {
	case run.made < c.Repeat || run.cut > 0:
		cut := run
		return last, &cut
	case run.failed > 0 && c.Repeat > 1:
		return last, &someFailed{failed: run.failed, of: c.Repeat, first: run.first}
	}
	return last, run.first
}

// someFailed is a run in which calls failed.
type someFailed struct {
	failed, of int
	first      error
}

func (e *someFailed) Error() string {
	return fmt.Sprintf("%d of %d calls failed, the first with: %v", e.failed, e.of, e.first)
}

func (e *someFailed) Unwrap() error { return e.first }

// request turns the flags into a Request.
func (c *callCmd) request(ctx context.Context, std *stdio) (client.Request, error) {
	r := client.Request{Method: strings.ToUpper(c.Method), Endpoint: c.Endpoint, Query: url.Values{}, Header: http.Header{}, Timeout: c.Timeout}
	if c.Method == "" {
		return r, errors.New("the method is empty: write GET, POST, PUT, PATCH or DELETE")
	}
	if c.Repeat < 1 || c.Concurrency < 1 {
		return r, errors.New("--repeat and --concurrency must be at least 1")
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
	body, err := c.body(ctx, std)
	if body != nil {
		r.Body = body
	}
	return r, err
}

// body reads the JSON that -d names.
func (c *callCmd) body(ctx context.Context, std *stdio) (json.RawMessage, error) {
	if c.Data == nil {
		return nil, nil
	}
	text, err := []byte(*c.Data), error(nil)
	switch name, isFile := strings.CutPrefix(*c.Data, "@"); {
	case *c.Data == "-":
		// Bounded, so that an interrupt ends the wait for input.
		text, err = bounded.Do(ctx, func(context.Context) ([]byte, error) { return io.ReadAll(std.in) })
	case isFile:
		text, err = bounded.Do(ctx, func(context.Context) ([]byte, error) { return os.ReadFile(name) }) // it may be a pipe
	}
	if err != nil {
		return nil, fmt.Errorf("--data: %w", err)
	}
	if !utf8.Valid(text) {
		return nil, errors.New("--data is not UTF-8")
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // editors write it into files
	if problem := notJSON(text); problem != "" {
		return nil, errors.New("--data is not JSON: " + problem)
	}
	return text, nil
}

// notJSON returns why text is not JSON, and where, without the text, which may be a secret; ""
// if it is JSON.
func notJSON(text []byte) string {
	var (
		v  json.RawMessage
		at *json.SyntaxError
	)
	switch err := json.Unmarshal(text, &v); {
	case err == nil:
		return ""
	case len(bytes.TrimSpace(text)) == 0:
		return "it is empty"
	case strings.HasPrefix(err.Error(), "unexpected end"):
		return "it breaks off"
	case errors.As(err, &at):
		return fmt.Sprintf("byte %d of %d does not belong there (text is in double quotes, a file is @FILE)", at.Offset, len(text))
	default:
		return "it cannot be read"
	}
}
