package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/cmd/advoware/internal/answer"
)

// Run makes the calls.
func (c *callCmd) Run(ctx context.Context, std *stdio) error {
	request, err := c.request(ctx, std)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return usageError{err}
	}
	out, err := c.openOutput(ctx, std)
	if err != nil {
		return err
	}
	defer out.close()
	c.readOnly = c.ReadOnly
	api, end, err := c.connect(ctx, std, c.Repeat == 1 && !c.Batch)
	if err != nil {
		return err
	}
	defer end()
	if c.Batch {
		return c.batch(ctx, api, request.Header, out)
	}
	last, err := c.repeat(ctx, api, request)
	if last != nil {
		err = errors.Join(err, out.show(api, last))
	} else {
		out.failed(api, err)
	}
	if c.Stats {
		std.stats = new(api.Stats())
	}
	return err
}

// repeat makes all calls, whatever becomes of each, until ctx ends. It returns the answer
// that came last, and an error if any call failed or was not made.
func (c *callCmd) repeat(ctx context.Context, api *client.Client, request client.Request) (*answer.Answer, error) {
	var (
		mu      sync.Mutex
		last    *answer.Answer
		run     = interrupted{of: c.Repeat}
		options = answer.Options{Raw: c.Raw, Timeout: cmp.Or(c.Timeout, c.timeout)}
	)
	if c.Repeat > 1 {
		options.Whole = client.DefaultMaxAnswer
	}
	one := func() error {
		if ctx.Err() != nil {
			return nil
		}
		got, err := answer.Fetch(ctx, api, request, options)
		mu.Lock()
		defer mu.Unlock()
		run.made++
		switch {
		case err == nil:
			if last != nil {
				last.Close()
			}
			last = got
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
