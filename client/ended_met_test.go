package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client"
)

type atSocket struct{ error }

func (e atSocket) Unwrap() error { return e.error }

// A call that is cancelled keeps what it met, in its text and for errors.As.
func TestWhatACancelledCallMet(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
		cancel()
		return nil, atSocket{fmt.Errorf("writing to the socket: %w", req.Context().Err())}
	})
	_, err := c.Call(ctx, client.Request{Endpoint: "/a"})
	if strings.Count(err.Error(), context.Canceled.Error()) != 1 {
		t.Errorf("got %v", err)
	}
	if !errors.Is(err, context.Canceled) || !errors.As(err, new(atSocket)) || !strings.Contains(err.Error(), "writing to the socket") || strings.Contains(err.Error(), "cause") {
		t.Errorf("got %v", err)
	}
}

// What a call met is not among what it wraps if that was the cause of its end, and nothing is in its place.
func TestCancelledCallThatMetTheCause(t *testing.T) {
	cause := errors.New("another call failed")
	ctx, cancel := context.WithCancelCause(t.Context())
	c := stubbed(t, apiBase, func(*http.Request) (*http.Response, error) {
		cancel(cause)
		return nil, cause
	})
	_, err := c.Call(ctx, client.Request{Endpoint: "/a"})
	several, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err)
	if !ok || slices.Contains(several.Unwrap(), nil) || errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
}

// It says that it was cancelled, also if what it met does not.
func TestCancelledCallSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := stubbed(t, apiBase, func(*http.Request) (*http.Response, error) {
		cancel()
		return nil, io.ErrUnexpectedEOF
	})
	_, err := c.Call(ctx, client.Request{Endpoint: "/a"})
	if !errors.Is(err, context.Canceled) || !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "context canceled: unexpected EOF") {
		t.Errorf("got %v", err)
	}
}
