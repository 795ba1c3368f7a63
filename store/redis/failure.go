package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/redact"
)

// call runs one exchange with Redis, no longer than ctx lasts: on the goroutine of the
// caller if the client sees to that.
func call[T any](ctx context.Context, s *Store, fn func(context.Context) (T, error)) (v T, err error) {
	if s.cfg.Client == nil {
		return v, errUnmade
	}
	if s.cfg.ClientHonoursDeadlines && ctx.Err() == nil {
		v, err = fn(ctx)
	} else {
		v, err = bounded.Do(ctx, fn)
	}
	return v, explained(ctx, err)
}

// errUnmade is returned by every operation of a zero Store.
var errUnmade = errors.New("the Store was not made by New")

// explained is what an exchange says of its failure.
func explained(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	err = scrubbed(err)
	if why := endOf(ctx); why != nil && !errors.Is(err, why) {
		err = fmt.Errorf("%w: %w", why, err)
	}
	return err
}

// failed is the error of an operation.
func failed(operation, key string, err error) error {
	return fmt.Errorf("store/redis: %s %q: %w", operation, key, err)
}

// endOf returns why ctx has ended, nil if it has not. A client that puts the
// deadline on its socket may be told a moment before ctx is.
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

// isOutOfReach reports whether one key of a script was not in reach: of this user, or
// of this server, which is one of a cluster that looks like a single one.
func isOutOfReach(err error) bool {
	return isForbidden(err) && strings.Contains(err.Error(), " access ") || goredis.HasErrorPrefix(err, "CROSSSLOT")
}

// replyError is an answer of the server's that has been cut.
type replyError string

func (e replyError) Error() string { return string(e) }

// RedisError makes it a goredis.Error.
func (replyError) RedisError() {}

// hiding returns err without tokens that were sent: a server, or a proxy before it, may
// repeat what it was asked in the words of its own.
func hiding(err error, tokens ...string) error {
	var reply goredis.Error
	if err == nil || !errors.As(err, &reply) {
		return err
	}
	text := reply.Error()
	for _, token := range tokens {
		if secret := redact.NewToken(token); !secret.Short() { // else it would take the words apart
			text = secret.Hide(text)
		}
	}
	if text == reply.Error() {
		return err
	}
	return replyError(text)
}

// scrubbed replaces the errors that may quote a token: of a server that repeats
// the arguments of a command it does not know, and of a client that cannot parse
// a reply. What replaces them does not wrap them, so that nothing prints them.
func scrubbed(err error) error {
	text := err.Error()
	var reply goredis.Error
	if errors.As(err, &reply) {
		if i := strings.Index(text, ", with args beginning with"); i >= 0 {
			return replyError(text[:i])
		}
		return err
	}
	var number *strconv.NumError
	if errors.As(err, &number) {
		return errors.New("unreadable reply")
	}
	for _, sign := range []string{"redis: can't parse", "redis: invalid", "redis: expected"} {
		if strings.Contains(text, sign) {
			return errors.New("unreadable reply")
		}
	}
	return err
}
