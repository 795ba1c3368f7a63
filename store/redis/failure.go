package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/redissaid"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/redis/internal/rights"
)

// call runs one exchange with Redis until ctx ends. It runs on the goroutine of the caller
// if the client honours deadlines.
func call[T any](ctx context.Context, s *Store, fn func(context.Context) (T, error)) (v T, err error) {
	if s.cfg.Client == nil {
		return v, errUnmade
	}
	if s.cfg.ClientHonoursDeadlines && ctx.Err() == nil {
		v, err = fn(ctx)
	} else {
		v, err = bounded.Do(ctx, fn)
	}
	return v, explained(ctx, redissaid.HideLogin(err, s.cfg.Client))
}

// errUnmade is returned by every operation of a zero Store.
var errUnmade = errors.New("the Store was not made by New")

// explained returns the error of an exchange without tokens, and with the reason why ctx
// has ended.
func explained(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	err = redissaid.Scrub(err)
	if errors.Is(err, goredis.ErrPoolTimeout) || errors.Is(err, goredis.ErrPoolExhausted) {
		err = fmt.Errorf("%w: %w", store.ErrBusy, err)
	}
	if why := endOf(ctx); why != nil && !errors.Is(err, why) {
		err = fmt.Errorf("%w: %w", why, err)
	}
	return err
}

// failed is the error of an operation.
func failed(operation, key string, err error) error {
	return fmt.Errorf("store/redis: %s %q: %w", operation, key, err)
}

// endOf returns why ctx has ended, nil if it has not. The deadline on the client's socket
// may pass a moment before that of ctx.
func endOf(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if due, ok := ctx.Deadline(); ok && !time.Now().Before(due) {
		return context.DeadlineExceeded
	}
	return nil
}

func isWrongType(err error) bool { return err != nil && goredis.HasErrorPrefix(err, "WRONGTYPE") }

// isOutOfReach reports whether a script may not use one of its keys: the user has no right
// to it, or it is in another slot, behind a proxy that makes a cluster look like one server.
func isOutOfReach(err error) bool {
	return err != nil && (rights.IsForbidden(err) && strings.Contains(err.Error(), " access ") || goredis.HasErrorPrefix(err, "CROSSSLOT"))
}
