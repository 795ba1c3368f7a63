package office

import (
	"context"
	"log/slog"
	"sync"
)

// warnings keeps the reasons of records at warn level, in place of a log.
type warnings struct {
	mu      sync.Mutex
	reasons []string
}

// maxWarnings is how many are kept.
const maxWarnings = 10

func (w *warnings) logger() *slog.Logger { return slog.New(w) }

func (w *warnings) said() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reasons
}

// Enabled implements slog.Handler.
func (w *warnings) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// Handle keeps the attribute "reason".
func (w *warnings) Handle(_ context.Context, r slog.Record) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "reason" && len(w.reasons) < maxWarnings {
			w.reasons = append(w.reasons, a.Value.String())
		}
		return true
	})
	return nil
}

// WithAttrs implements slog.Handler.
func (w *warnings) WithAttrs([]slog.Attr) slog.Handler { return w }

// WithGroup implements slog.Handler.
func (w *warnings) WithGroup(string) slog.Handler { return w }
