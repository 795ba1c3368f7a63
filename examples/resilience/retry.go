package main

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/time/rate"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/token"
)

// caller makes calls no faster than limit, and makes them again where that does no harm.
type caller struct {
	client *client.Client
	limit  *rate.Limiter
}

// call makes a call, at most five times and for two minutes. Whatever error it returns is
// that of the last attempt.
func call[T any](ctx context.Context, c *caller, r client.Request) (v T, err error) {
	last := error(nil)
	v, err = backoff.Retry(ctx, func() (T, error) {
		var answer T
		if err := c.limit.Wait(ctx); err != nil {
			return answer, backoff.Permanent(err)
		}
		answer, last = client.Decode[T](ctx, c.client, r)
		return answer, next(r.Method, last)
	}, backoff.WithMaxTries(5), backoff.WithMaxElapsedTime(2*time.Minute))
	if err != nil && last != nil {
		err = last
	}
	return v, err
}

// next tells backoff.Retry what follows from an error.
func next(method string, err error) error {
	switch wait := pause(err); {
	case err == nil:
		return nil
	case !again(method, err):
		return backoff.Permanent(err)
	case wait > 0:
		return &backoff.RetryAfterError{Duration: wait}
	}
	return err
}

// again reports whether a call that failed may be made again.
func again(method string, err error) bool {
	_, wrong := errors.AsType[*client.RequestError](err)
	_, noToken := errors.AsType[*token.FetchError](err)
	switch {
	case wrong:
		return false // it would be wrong the next time too
	case errors.Is(err, token.ErrClosed), errors.Is(err, context.Canceled):
		return false
	case errors.Is(err, gateway.ErrRefused):
		return false // the credentials: repeated attempts lock the account
	case noToken, errors.Is(err, client.ErrNotSent), errors.Is(err, client.ErrTooManyRequests):
		return true // certainly not carried out: not sent, or answered with 401 or 429
	case errors.Is(err, client.ErrMaybeDone):
		return method == http.MethodGet || method == http.MethodHead // a POST would be done twice
	}
	return false // the API said no
}

// pause is how long the other side asked to be left alone, 0 if it did not.
func pause(err error) time.Duration {
	if e, ok := errors.AsType[*token.FetchError](err); ok {
		return time.Until(e.NextAttempt) // until then each call gets the same error
	}
	if e, ok := errors.AsType[*client.APIError](err); ok {
		seconds, err := strconv.ParseUint(e.Header.Get("Retry-After"), 10, 16)
		if err == nil {
			return time.Duration(seconds) * time.Second
		}
	}
	return 0
}
