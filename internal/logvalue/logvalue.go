// Package logvalue makes the slog groups of errors and of what is counted: with the keys that the
// library's own log lines have, and without what is not known.
//
// See ARCHITECTURE.md for the package in context.
package logvalue

import (
	"errors"
	"log/slog"
	"time"
)

// Group returns a group of pairs of a key and a value, without those whose value is an empty
// string, the number 0, a zero time or duration, or nil.
func Group(pairs ...any) slog.Value {
	attrs := make([]slog.Attr, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		switch v := pairs[i+1].(type) {
		case nil:
			continue
		case string:
			if v == "" {
				continue
			}
		case int:
			if v == 0 {
				continue
			}
		case time.Time:
			if v.IsZero() {
				continue
			}
			pairs[i+1] = v.UTC()
		case time.Duration:
			if v == 0 {
				continue
			}
			pairs[i+1] = v.String()
		}
		attrs = append(attrs, slog.Any(pairs[i].(string), pairs[i+1]))
	}
	return slog.GroupValue(attrs...)
}

// Fetch returns the group of a token.FetchError.
func Fetch(err error, refused bool, next time.Time) slog.Value {
	return Group("message", err.Error(), "kind", "token", "refused", refused, "next_attempt", next, "cause", Cause(errors.Unwrap(err)))
}

// Cause returns the first error in the tree of err that has a group of its own; nil if there is
// none.
func Cause(err error) any {
	var v slog.LogValuer
	if err == nil || !errors.As(err, &v) {
		return nil
	}
	return v
}

// Text returns an error that is logged as its text, also if it has a group: a log line that has
// had a text stays as it is. It wraps err.
func Text(err error) error {
	if err == nil {
		return nil
	}
	return text{err}
}

type text struct{ error }

func (t text) Unwrap() error { return t.error }
