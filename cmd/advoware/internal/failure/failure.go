// Package failure says in one line what a command has failed with.
//
// See ARCHITECTURE.md for the package in context.
package failure

import (
	"context"
	"fmt"
)

// Usage is a wrong command line.
type Usage struct{ Err error }

func (e Usage) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e Usage) Unwrap() error { return e.Err }

// Some is a run in which calls failed.
type Some struct {
	Failed, Of int
	First      error
}

func (e *Some) Error() string {
	return fmt.Sprintf("%d of %d calls failed, the first with: %v", e.Failed, e.Of, e.First)
}

// Unwrap returns First.
func (e *Some) Unwrap() error { return e.First }

// Interrupted is a run that was ended before all calls had been made.
type Interrupted struct {
	Made, Of int
	Cut      int   // of those made: ended by the interrupt, without an answer
	Failed   int   // of those made: had failed before
	First    error // of them
	Last     error // of those that were cut
}

func (e *Interrupted) Error() string {
	if e.Of == 1 {
		return "interrupted" + Outcome(e.Last)
	}
	text := fmt.Sprintf("interrupted: %d of %d calls were made", e.Made, e.Of)
	if e.Cut > 0 {
		text += fmt.Sprintf(", the last %d without an answer", e.Cut)
	}
	if e.Failed > 0 {
		text += fmt.Sprintf("; %d failed, the first with: %s", e.Failed, Text(e.First))
	}
	return text
}

// Unwrap returns context.Canceled.
func (e *Interrupted) Unwrap() error { return context.Canceled }
