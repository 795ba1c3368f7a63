package far

import (
	"context"
	"errors"

	"github.com/advoware-go/advoware/internal/health"
	"github.com/advoware-go/advoware/store"
)

var errMany = errors.New("store/tiered: Many did not return a result for each key")

// Collect makes one operation for many keys, by start, and returns their results. An operation
// that did not come to its end gives all of them its error.
func Collect[R any](keys []string, start func([]string, func(context.Context) (store.Token, error)) *Operation, all func(context.Context) []R, errOf func(*R) *error) []R {
	n := len(keys)
	if n == 0 {
		return nil
	}
	done := make(chan []R, 1)
	_, err := start(keys, func(ctx context.Context) (none store.Token, _ error) {
		results := all(ctx)
		done <- results
		if len(results) != n { // there is no telling which result is whose
			return none, errMany
		}
		works := false
		var refused, failed error
		for i := range results {
			err := *errOf(&results[i])
			if !isAnswer(err) {
				if failed == nil || health.Outage(err) != nil {
					failed = err
				}
				continue
			}
			works = true
			if err := health.Failure(err); err != nil {
				refused = err
			}
		}
		if works {
			return none, refused // which is no outage, and counts as a write that was not made
		}
		return none, failed
	}).Result()
	select {
	case results := <-done:
		if len(results) == n {
			return results
		}
	default:
	}
	if err == nil {
		err = errMany
	}
	results := make([]R, n)
	for i := range results {
		*errOf(&results[i]) = err
	}
	return results
}

// Timed makes one exchange for many keys, between begin and the call of what that returns, with how
// many keys were answered.
func Timed[R any](begin func() func(int), all func() []R, errOf func(*R) *error) []R {
	end, n := begin(), 0
	results := all()
	for i := range results {
		if isAnswer(*errOf(&results[i])) {
			n++
		}
	}
	end(n)
	return results
}

// isAnswer reports whether far has answered, given the error of an operation.
func isAnswer(err error) bool { return !isBusy(err) && health.Outage(err) == nil }
