package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/cmd/advoware/internal/answer"
	"github.com/advoware-go/advoware/cmd/advoware/internal/failure"
	"github.com/advoware-go/advoware/cmd/advoware/internal/outfile"
	"github.com/advoware-go/advoware/cmd/advoware/internal/terminal"
)

// output is where the answer of a call goes, and in which form.
type output struct {
	ctx     context.Context
	std     *stdio
	include bool
	form    answer.Form
	file    *outfile.File // nil is standard output
}

// openOutput opens the file, if there is one, before anything is sent.
func (c *callCmd) openOutput(ctx context.Context, std *stdio) (*output, error) {
	o := &output{ctx: ctx, std: std, include: c.Include}
	o.form.Terminal = terminal.Is(std.out)
	if c.Output != nil && (*c.Output == "-" || std.out.Is(*c.Output)) {
		c.Output = nil
	}
	if c.Output != nil {
		err := within(ctx, func() (err error) { // a pipe may have no reader
			o.file, err = outfile.Create(*c.Output)
			return err
		})
		if ctx.Err() != nil {
			return nil, ctx.Err() // if a file was begun, main drops it
		}
		if err != nil {
			return nil, failure.Usage{Err: errors.New("--output: " + err.Error())}
		}
		o.form.Terminal = terminal.Is(o.file.File)
	}
	o.form.Raw, o.form.Pretty = c.Raw, !c.Raw && (c.Pretty || o.form.Terminal)
	o.form.Colour = o.file == nil && terminal.Colour(std.out, os.Getenv)
	return o, nil
}

// Write writes to standard output.
func (o *output) Write(text []byte) (int, error) {
	if err := o.std.print(o.ctx, text); err != nil {
		return 0, err
	}
	return len(text), nil
}

// show writes an answer; a file gets its name when all of it is there.
func (o *output) show(api *client.Client, a *answer.Answer) error {
	defer a.Close()
	if o.include {
		if _, err := o.Write(answer.Head(a.Proto, a.Status, answer.Hide(o.ctx, api, a.Header), terminal.Is(o.std.out))); err != nil {
			return err
		}
	}
	if o.file == nil {
		return a.Show(o, o.form)
	}
	err := within(o.ctx, func() error { return a.Show(o.file, o.form) })
	if err == nil {
		err = o.file.Commit()
	}
	return err
}

// failed shows, if the status and header are asked for, those of an answer with which a call
// failed, and the body.
func (o *output) failed(api *client.Client, err error) {
	var e *client.APIError
	if !o.include || !errors.As(err, &e) {
		return
	}
	onTerminal := terminal.Is(o.std.out)
	_, _ = o.Write(answer.Head("HTTP", e.Status, answer.Hide(o.ctx, api, e.Header), onTerminal))
	if body := string(e.Body); body != "" && o.file == nil {
		if onTerminal {
			body = terminal.Escape(body)
		}
		_, _ = io.WriteString(o, body+"\n")
	}
}

// close drops a file that is not complete.
func (o *output) close() {
	if o.file != nil {
		o.file.Abort()
	}
}
