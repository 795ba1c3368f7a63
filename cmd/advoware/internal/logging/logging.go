// Package logging is the log of the command, on standard error.
package logging

import (
	"context"
	"fmt"
	"io"
	"log/slog"
)

// New returns the logger that the flags ask for. At the default level only warnings are
// shown: errors are what the command itself ends with, in one line.
func New(w io.Writer, levelName, format string) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(levelName)) // the flag takes no other words
	opts := &slog.HandlerOptions{Level: level}
	var h slog.Handler = slog.NewTextHandler(w, opts)
	if format == "json" {
		h = slog.NewJSONHandler(w, opts)
	}
	if level == slog.LevelWarn {
		h = warningsOnly{h}
	}
	return slog.New(h)
}

// warningsOnly drops errors.
type warningsOnly struct{ slog.Handler }

func (h warningsOnly) Enabled(ctx context.Context, level slog.Level) bool {
	return level < slog.LevelError && h.Handler.Enabled(ctx, level)
}

func (h warningsOnly) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warningsOnly{h.Handler.WithAttrs(attrs)}
}

func (h warningsOnly) WithGroup(name string) slog.Handler {
	return warningsOnly{h.Handler.WithGroup(name)}
}

// Redis takes what go-redis would write to stderr into the log.
type Redis struct{ *slog.Logger }

// Printf is called by go-redis.
func (l Redis) Printf(ctx context.Context, format string, v ...any) {
	l.DebugContext(ctx, "go-redis: "+fmt.Sprintf(format, v...))
}
