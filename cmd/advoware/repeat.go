package main

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/cmd/advoware/internal/answer"
	"github.com/advoware-go/advoware/cmd/advoware/internal/failure"
	"github.com/advoware-go/advoware/cmd/advoware/internal/latency"
	"github.com/advoware-go/advoware/cmd/advoware/internal/progress"
)

// Run makes the calls.
func (c *callCmd) Run(ctx context.Context, std *stdio) error {
	request, err := c.request(ctx, std)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return failure.Usage{Err: err}
	}
	out, err := c.openOutput(ctx, std)
	if err != nil {
		return err
	}
	defer out.close()
	c.readOnly = c.ReadOnly
	line := c.progress(std)
	defer line.End("")
	api, end, err := c.connect(ctx, std, c.Repeat == 1 && !c.Batch)
	if err != nil {
		return err
	}
	defer end()
	run := &calling{callCmd: c, api: api, took: latency.New(), began: time.Now()}
	if c.Batch {
		err = run.batch(ctx, request.Header, out, line)
	} else {
		err = run.repeat(ctx, request, out, line)
	}
	if c.Stats {
		std.stats = callStats{api.Stats(), run.took.Percentiles()}
	}
	return err
}

// callStats is what --stats prints.
type callStats struct {
	client.Stats
	Latency latency.Percentiles `json:"latency_ms"`
}

// calling is a run of calls.
type calling struct {
	*callCmd
	api   *client.Client
	took  *latency.Histogram // of the calls that came to an end
	began time.Time
}

// repeat makes the calls and shows the answer that came last.
func (c *calling) repeat(ctx context.Context, request client.Request, out *output, line *progress.Line) error {
	last, err := c.all(ctx, request, line)
	if last != nil {
		return errors.Join(err, out.show(c.api, last))
	}
	out.failed(c.api, err)
	return err
}

// fetch makes one call, and counts how long it took.
func (c *calling) fetch(ctx context.Context, r client.Request, o answer.Options) (*answer.Answer, error) {
	began := time.Now()
	got, err := answer.Fetch(c.story.Call(ctx), c.api, r, o)
	if ctx.Err() == nil {
		c.took.Record(time.Since(began))
	}
	return got, err
}

// all makes all calls, whatever becomes of each, until ctx ends. It returns the answer
// that came last, and an error if any call failed or was not made.
func (c *calling) all(ctx context.Context, request client.Request, line *progress.Line) (*answer.Answer, error) {
	var (
		mu      sync.Mutex
		last    *answer.Answer
		run     = failure.Interrupted{Of: c.Repeat}
		options = answer.Options{Raw: c.Raw, Timeout: cmp.Or(c.Timeout, c.timeout)}
	)
	if c.Repeat > 1 {
		options.Whole = client.DefaultMaxAnswer
	}
	one := func() error {
		if ctx.Err() != nil {
			return nil
		}
		got, err := c.fetch(ctx, request, options)
		mu.Lock()
		defer mu.Unlock()
		run.Made++
		switch {
		case err == nil:
			if last != nil {
				last.Close()
			}
			last = got
		case ctx.Err() != nil && errors.Is(err, context.Canceled):
			run.Cut, run.Last = run.Cut+1, err
		default:
			if run.Failed++; run.Failed == 1 {
				run.First = err
			}
		}
		return nil
	}
	c.show(line, func() (made, of, failed int) {
		mu.Lock()
		defer mu.Unlock()
		return run.Made, run.Of, run.Failed
	})
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
	c.end(line, run.Made)
	switch {
	case run.Made < c.Repeat || run.Cut > 0:
		cut := run
		return last, &cut
	case run.Failed > 0 && c.Repeat > 1:
		return last, &failure.Some{Failed: run.Failed, Of: c.Repeat, First: run.First}
	}
	return last, run.First
}
