package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/advoware-go/advoware/cmd/advoware/internal/stream"
)

// stdio is what a command reads and writes.
type stdio struct {
	in       io.Reader
	file     envFile // of --env-file
	out, err *stream.Writer
	stats    any  // printed at the very end as JSON if --stats sets it
	left     bool // the command ended because nobody reads what it prints
}

// errLeft is why commands end if nobody reads what they print.
var errLeft = errors.New("nobody reads the output")

// standard returns what the process was given, and the context for its commands: that one
// ends too when the reader of a pipe leaves. Writes that block end with an interrupt.
func standard(interrupt context.Context) (context.Context, *stdio) {
	stream.KeepPipe()
	ctx, cancel := context.WithCancelCause(interrupt)
	left := func() { cancel(errLeft) }
	return ctx, &stdio{
		in:  os.Stdin,
		out: &stream.Writer{Context: interrupt, File: os.Stdout, Name: "standard output", Left: left},
		err: &stream.Writer{Context: interrupt, File: os.Stderr, Name: "standard error", Left: left},
	}
}

// print writes to standard output. If that blocks, an interrupt ends the wait.
func (s *stdio) print(_ context.Context, text []byte) error {
	_, err := s.out.Write(text)
	return err
}

// finish prints the statistics and returns the exit status of a process whose command has
// ended with status: not 0 if not all could be written. Where the reader of a pipe has left,
// and nothing else was wrong, it ends the process as any other one in a pipe ends, in silence.
func (s *stdio) finish(status int) int {
	if s.stats != nil && json.NewEncoder(s.err).Encode(s.stats) != nil && status == statusDone {
		status = statusFailed
	}
	if s.left || status == statusDone {
		for _, w := range []*stream.Writer{s.out, s.err} {
			if isLeft(w.Err()) {
				stream.DieOfPipe(w)
				return statusFailed
			}
		}
	}
	if err := s.out.Err(); err != nil && status == statusDone {
		return fail(s, err)
	}
	return status
}

// within runs f. After an interrupt it waits for a moment longer.
func within(ctx context.Context, f func() error) error { return stream.Within(ctx, f) }
