package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/cmd/advoware/internal/answer"
	"github.com/advoware-go/advoware/cmd/advoware/internal/batch"
	"github.com/advoware-go/advoware/cmd/advoware/internal/failure"
	"github.com/advoware-go/advoware/cmd/advoware/internal/interrupt"
	"github.com/advoware-go/advoware/cmd/advoware/internal/progress"
	"github.com/advoware-go/advoware/cmd/advoware/internal/terminal"
)

// batch makes the calls that standard input lists. An interrupt lets those that are under way
// come to their end; a second one ends the process.
func (c *calling) batch(ctx context.Context, header http.Header, out *output, line *progress.Line) error {
	defer interrupt.Finish()()
	var made, failed atomic.Int64
	c.show(line, func() (int, int, int) { return int(made.Load()), 0, int(failed.Load()) })
	options := answer.Options{Timeout: cmp.Or(c.Timeout, c.timeout), Whole: client.DefaultMaxAnswer}
	sum, err := batch.Run(ctx, batch.Config{
		In: out.std.in, Concurrency: c.Concurrency,
		Print: func(r batch.Result) error {
			if made.Add(1); r.Err != nil {
				failed.Add(1)
			}
			return out.line(r)
		},
		Do: func(ctx context.Context, item batch.Item) (r batch.Result) {
			request := client.Request{Method: item.Method, Endpoint: item.Endpoint, Query: item.Query, Header: header}
			if item.Body != nil {
				request.Body = item.Body
			}
			got, err := c.fetch(ctx, request, options)
			if err != nil {
				return failedResult(err)
			}
			got.Close()
			r.Status = got.Status
			if r.Body = got.Body(); got.Binary {
				r.Body, r.Binary, r.Type = nil, r.Body, got.Header.Get("Content-Type")
			}
			return r
		},
	})
	c.end(line, sum.Made)
	if err == nil && out.file != nil {
		err = out.file.Commit()
	}
	switch {
	case err != nil:
		return fmt.Errorf("%w (calls made: %d)", err, sum.Made)
	case sum.Failed > 0 || sum.Interrupted:
		return &batchFailed{sum}
	}
	return nil
}

// failedResult is what is printed of a call that failed.
func failedResult(err error) batch.Result {
	r := batch.Result{Err: err, Text: failure.OneLine(failure.Text(err))}
	var api *client.APIError
	if errors.As(err, &api) {
		r.Status = api.Status
	}
	return r
}

// line prints the result of a call.
func (o *output) line(r batch.Result) error {
	text, err := r.JSON()
	if err != nil {
		return err
	}
	if o.file != nil {
		_, err = o.file.Write(text)
		return err
	}
	if o.form.Terminal {
		var safe bytes.Buffer
		e := terminal.NewEscaper(&safe)
		e.JSON = true
		_, _ = e.Write(text)
		text = safe.Bytes()
	}
	_, err = o.Write(text)
	return err
}

// batchFailed is a list of calls of which some failed, or were not made.
type batchFailed struct{ batch.Summary }

func (e *batchFailed) Error() string {
	text := ""
	if e.Interrupted {
		text = fmt.Sprintf("interrupted: %d calls were made, the rest of the list was not read", e.Made)
	}
	if e.Failed == 0 {
		return text
	}
	if text != "" {
		text += "; "
	}
	return text + e.Failures() + ", the first with: " + failure.Text(e.First)
}
