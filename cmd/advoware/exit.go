package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/advoware-go/advoware/cmd/advoware/internal/failure"
	"github.com/advoware-go/advoware/cmd/advoware/internal/stream"
)

// Exit statuses.
const (
	statusDone   = 0
	statusFailed = 1 // a call failed
	statusUsage  = 2 // wrong command line or configuration
)

// fail prints err on one line and returns the exit status for it.
func fail(std *stdio, err error) int {
	if err == nil {
		return statusDone
	}
	if errors.Is(err, errReported) {
		return statusFailed
	}
	status := statusFailed
	if failure.IsUsage(err) {
		status = statusUsage
	}
	if isLeft(err) || errors.Is(err, context.Canceled) && (isLeft(std.out.Err()) || isLeft(std.err.Err())) {
		std.left = true
		return status // what ends it is no failure
	}
	fmt.Fprintln(std.err, "advoware: "+failure.OneLine(failure.Text(err)))
	return status
}

// isLeft reports whether a command ended because nobody reads what it prints, and for no
// other reason.
func isLeft(err error) bool {
	var some *failure.Some
	return err != nil && (stream.IsLeft(err) || errors.Is(err, errLeft)) && !errors.As(err, &some)
}
