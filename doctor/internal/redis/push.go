package redis

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/watch"
)

const (
	pushing = 2 * time.Second // until the server pushes
	arrives = time.Second     // until a push is there
	lives   = 5 * time.Second // of the key that is written for it
	writes  = 3
)

const pushWant = "pushes, so that a change by another program is noticed within milliseconds"

// pushed has the server push a change, by the connection that a client has for it, and measures
// how long that takes. The key is in the slot of the token, and within the ACL line. Its random
// end makes it nobody else's.
func pushed(ctx context.Context, cfg Config) []check.Check {
	reasons := make(reasons, 1)
	w, err := watch.New(watch.Config{Client: cfg.Link.Client(), Timeout: arrives, Logger: slog.New(reasons)})
	if err != nil {
		return []check.Check{group.Skipped(pushes, link.Printable(err.Error(), maxValue))}
	}
	defer bounded.Patiently(grace, func() { _ = w.Close() })
	key := newNames(cfg.Key, 0).fresh()
	changes := make(chan time.Time, 2*writes)
	defer w.Follow(key, func(bool) {
		select {
		case changes <- time.Now():
		default:
		}
	})()
	if c, ok := linked(ctx, w, changes, reasons); !ok {
		return []check.Check{c}
	}
	var took []time.Duration
	for i := range writes {
		began := time.Now()
		_, err := link.Do(ctx, cfg.Link, func(ctx context.Context, client goredis.UniversalClient) (string, error) {
			return client.Set(ctx, key, i, lives).Result()
		})
		if err != nil {
			return []check.Check{group.Warning(pushes, "Redis pushes, but takes no write, so that it cannot be measured: "+link.Of(err).Saw, "a write that is pushed", link.Of(err).Hint)}
		}
		select {
		case at := <-changes:
			took = append(took, at.Sub(began))
		case <-time.After(arrives):
			return []check.Check{group.Failure(pushes, "a change was not pushed within "+arrives.String(), pushWant, "look what is between here and Redis: a proxy may pass no pushes on; until then changes are found by looking every few seconds")}
		case <-ctx.Done():
			return []check.Check{group.Skipped(pushes, "it took too long to measure")}
		}
	}
	_, _ = link.Do(ctx, cfg.Link, func(ctx context.Context, client goredis.UniversalClient) (int64, error) {
		return client.Del(ctx, key).Result()
	})
	slices.Sort(took)
	saw := fmt.Sprintf("a change arrives %d µs after it was sent (median of %d writes to %s, for %s)", took[writes/2].Microseconds(), writes, link.Printable(key, maxAddress), lives)
	return []check.Check{group.OK(pushes, saw)}
}

// linked waits until the server pushes. It is false with a check that says why it does not.
func linked(ctx context.Context, w *watch.Watch, changes <-chan time.Time, reasons <-chan string) (check.Check, bool) {
	late := time.NewTimer(pushing)
	defer late.Stop()
	const hint = "grant +client|tracking, and use Redis 6.0 or later without a proxy that speaks an older protocol; until then changes are found by looking every few seconds"
	for {
		select {
		case <-changes: // the connection is new, or the key was looked at
			if w.Link() != 0 {
				return check.Check{}, true
			}
		case why := <-reasons:
			return group.Warning(pushes, "Redis does not push: "+why, pushWant, hint), false
		case <-late.C:
			return group.Warning(pushes, "Redis does not push after "+pushing.String(), pushWant, hint), false
		case <-ctx.Done():
			return group.Skipped(pushes, "it took too long to measure"), false
		}
	}
}

// reasons is a slog.Handler that keeps the reason why a server does not push.
type reasons chan string

// Enabled is for records at info level, which have the reason.
func (r reasons) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

// Handle keeps the first reason.
func (r reasons) Handle(_ context.Context, record slog.Record) error {
	record.Attrs(func(a slog.Attr) bool {
		if a.Key == "reason" {
			select {
			case r <- link.Printable(fmt.Sprint(a.Value.Any()), maxAddress):
			default:
			}
		}
		return true
	})
	return nil
}

// WithAttrs returns r: there are none in what is logged.
func (r reasons) WithAttrs([]slog.Attr) slog.Handler { return r }

// WithGroup returns r, likewise.
func (r reasons) WithGroup(string) slog.Handler { return r }
