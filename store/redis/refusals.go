package redis

import (
	"context"
	"errors"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

const credentialsLabel = "advoware redis credentials v1"

// RefusalsConfig says how Refusals work.
type RefusalsConfig struct {
	// Client is the connection to Redis. It is required, and stays open.
	Client goredis.UniversalClient

	// Credentials names what is used to fetch the token under a key. Only a hash of it
	// is stored, and other credentials take no notice of a refusal. It must be quick
	// and safe for concurrent use; "" means that nothing is shared for the key. It is
	// required.
	Credentials func(key string) string

	// Timeout bounds each exchange with Redis. Default 5 seconds; negative is an error.
	Timeout time.Duration
}

// Refusals lets processes know that the gateway has refused the credentials that
// they share, so that not each of them tries for itself and the account is not
// locked. It is kept under {key}:refused, beside the token, and ends by itself. Make
// it with [NewRefusals].
type Refusals struct{ cfg RefusalsConfig }

// NewRefusals returns Refusals. It does no I/O.
func NewRefusals(cfg RefusalsConfig) (*Refusals, error) {
	if cfg.Timeout == 0 {
		cfg.Timeout = DefaultTimeout
	}
	var errs []error
	if cfg.Client == nil {
		errs = append(errs, errors.New("store/redis: RefusalsConfig.Client is missing"))
	}
	if cfg.Credentials == nil {
		errs = append(errs, errors.New("store/redis: RefusalsConfig.Credentials is missing"))
	}
	if cfg.Timeout < 0 {
		errs = append(errs, errors.New("store/redis: RefusalsConfig.Timeout must not be negative"))
	}
	return &Refusals{cfg: cfg}, errors.Join(errs...)
}

// Refused returns for how long nobody should try these credentials again; 0 if
// nothing is known against it.
func (r *Refusals) Refused(ctx context.Context, key string) (time.Duration, error) {
	credentials := r.cfg.Credentials(key)
	if credentials == "" {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Timeout)
	defer cancel()
	left, err := call(ctx, func(ctx context.Context) (time.Duration, error) {
		pipe := r.cfg.Client.Pipeline()
		value, ttl := pipe.Get(ctx, refusedKey(key)), pipe.PTTL(ctx, refusedKey(key))
		_, err := pipe.Exec(ctx)
		switch {
		case errors.Is(err, goredis.Nil), isWrongType(err), err == nil && value.Val() != digest(credentialsLabel, credentials):
			return 0, nil
		case err != nil:
			return 0, err
		}
		return max(0, ttl.Val()), nil // without a TTL it is none of ours
	})
	if err != nil {
		return 0, failed("refusals", key, err)
	}
	return left, nil
}

// Refuse says that the credentials should be left alone for so long.
func (r *Refusals) Refuse(ctx context.Context, key string, pause time.Duration) error {
	credentials := r.cfg.Credentials(key)
	if credentials == "" || pause < time.Millisecond {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Timeout)
	defer cancel()
	_, err := call(ctx, func(ctx context.Context) (string, error) {
		return r.cfg.Client.Set(ctx, refusedKey(key), digest(credentialsLabel, credentials), pause).Result()
	})
	if err != nil {
		return failed("refusals", key, err)
	}
	return nil
}

// refusedKey returns the key of the refusal, in the cluster slot of key itself.
func refusedKey(key string) string { return "{" + key + "}:refused" }
