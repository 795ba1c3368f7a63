package main

import (
	"context"
	"io"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/internal/bounded"
)

// stdio is what a command reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
	stats    *client.Stats // printed at the very end if --stats sets it
}

// print writes to standard output. If that blocks, an interrupt ends the wait.
func (s *stdio) print(ctx context.Context, text []byte) error {
	return within(ctx, func() error {
		_, err := s.out.Write(text)
		return err
	})
}

// moment is how long each thing that is still to be done after an interrupt may take.
const moment = 250 * time.Millisecond

// within runs f. After an interrupt it waits for a moment longer.
func within(ctx context.Context, f func() error) error {
	done := bounded.Go(func() (struct{}, error) { return struct{}{}, f() })
	select {
	case r := <-done:
		return r.Err
	case <-ctx.Done():
	}
	select {
	case r := <-done:
		return r.Err
	case <-time.After(moment):
		return context.Cause(ctx)
	}
}
