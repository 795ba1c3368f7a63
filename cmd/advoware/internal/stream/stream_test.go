package stream_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/cmd/advoware/internal/stream"
)

var errStop = errors.New("stop")

// pipe returns a Writer to a pipe, and the end from which it is read.
func pipe(t *testing.T, ctx context.Context) (*os.File, *stream.Writer) {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close(); _ = writer.Close() })
	return reader, &stream.Writer{Context: ctx, File: writer, Name: "the pipe"}
}

func TestWriteThatBlocksEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	reader, w := pipe(t, ctx)
	text := []byte(strings.Repeat("x", 4<<20)) // more than a pipe holds
	failed := make(chan error)
	go func() { _, err := w.Write(text); failed <- err }()
	if _, err := reader.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	cancel(errStop)
	if err := <-failed; !errors.Is(err, errStop) || !strings.HasPrefix(err.Error(), "the pipe: ") {
		t.Errorf("the write ends with %v", err)
	}
	clear(text) // ours again, also for the race detector
	if n, err := w.Write([]byte("more")); n != 0 || !errors.Is(err, errStop) {
		t.Errorf("after the first error %d bytes are written, %v", n, err)
	}
	if err := w.Err(); !errors.Is(err, errStop) {
		t.Errorf("Err is %v", err)
	}
}

// What need not wait is written after the end of the context too.
func TestWriteAfterTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	reader, w := pipe(t, ctx)
	if n, err := w.Write([]byte("bye")); n != 3 || err != nil {
		t.Errorf("%d bytes are written, %v", n, err)
	}
	got := make([]byte, 3)
	if _, err := reader.Read(got); err != nil || string(got) != "bye" {
		t.Errorf("%q is read, %v", got, err)
	}
}

func TestWithinReturnsWhatTheFunctionReturns(t *testing.T) {
	if err := stream.Within(t.Context(), func() error { return errStop }); err != errStop {
		t.Error(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errStop)
	hang := make(chan struct{})
	defer close(hang)
	if err := stream.Within(ctx, func() error { <-hang; return nil }); err != errStop {
		t.Error(err)
	}
}
