// Package token is the doctor's group about the token itself: where it is, how old, how long it
// lasts, and whether what is in Redis has the form of one.
//
// Nothing is written, nothing is fetched, and no text of a token is shown: tokens are named by
// their fingerprints.
//
// [Checks] may be called concurrently. See ARCHITECTURE.md for how the parts work together.
package token

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/sealed"
)

const group check.GroupName = "token"

// lasting bounds the group.
const lasting = 4500 * time.Millisecond

// Config says what is looked at.
type Config struct {
	// Link leads to Redis; nil means that none is used.
	Link *link.Link

	// Key is the token's.
	Key string

	// Identity is gateway.Gateway.Identity of whose token it is; "" if that is not known.
	Identity string

	// Lifetime and Margins are those of the client; zeros mean the defaults.
	Lifetime time.Duration
	Margins  store.Margins

	// SealKeys are those of the client.
	SealKeys []sealed.Key

	// Near returns the token that this process has, as a store.Store does; nil means that it
	// has none, as it has just been started.
	Near func(ctx context.Context, key string) (store.Token, error)
}

// The names of the checks, in their order.
const (
	near        = "near"
	far         = "far"
	fingerprint = "fingerprint"
	age         = "age"
	ttl         = "TTL"
	format      = "format"
	metadata    = "metadata"
	timestamp   = "timestamp"
)

// Group returns the group.
func Group(cfg Config) check.Group {
	return group.Of(func(ctx context.Context) []check.Check { return Checks(ctx, cfg) })
}

// Checks returns the checks of the group, within five seconds.
func Checks(ctx context.Context, cfg Config) []check.Check {
	if cfg.Lifetime == 0 {
		cfg.Lifetime = store.DefaultLifetime
	}
	cfg.Margins = cfg.Margins.WithDefaults()
	ctx, cancel := context.WithTimeout(ctx, lasting)
	defer cancel()
	mine, found := nearby(ctx, cfg)
	all := []check.Check{found}
	if cfg.Link == nil {
		return append(all, group.Skipped(far, "no Redis is used: each process fetches its own token"))
	}
	if _, err := cfg.Link.Reached(ctx); err != nil {
		return append(all, skipped("Redis was not reached", far, fingerprint, age, ttl, format, metadata, timestamp)...)
	}
	r, err := read(ctx, cfg)
	if err != nil {
		return append(all, skipped(link.Of(err).Saw, far, fingerprint, age, ttl, format, metadata, timestamp)...)
	}
	theirs, where := shared(ctx, cfg, r)
	all = append(all, where)
	if r.absent() {
		return append(all, skipped("there is no token in Redis", fingerprint, age, ttl, format, metadata)...)
	}
	return append(all, same(mine, theirs), aged(theirs), r.lasts(cfg), r.form(cfg), r.described(cfg), r.stamped(cfg))
}

func skipped(why string, names ...string) []check.Check {
	var all []check.Check
	for _, name := range names {
		all = append(all, group.Skipped(name, why))
	}
	return all
}

// nearby looks at the token of this process.
func nearby(ctx context.Context, cfg Config) (store.Token, check.Check) {
	if cfg.Near == nil {
		return store.Token{}, group.Skipped(near, "a process that has just been started has none: it asks Redis, then the gateway")
	}
	ctx, cancel := context.WithTimeout(ctx, link.Patience)
	defer cancel()
	tok, err := bounded.Do(ctx, func(ctx context.Context) (store.Token, error) { return cfg.Near(ctx, cfg.Key) })
	switch {
	case errors.Is(err, store.ErrNotFound):
		return tok, group.OK(near, "none: the next call asks Redis, then the gateway")
	case err != nil:
		return tok, group.Warning(near, link.Printable(err.Error(), maxText), "a token, or none", "look at the store that the configuration has")
	}
	return tok, group.OK(near, tok.Fingerprint()+", used for "+left(tok)+" more")
}

// shared looks for the token in Redis as a client does.
func shared(ctx context.Context, cfg Config, r *reading) (store.Token, check.Check) {
	tok, err := get(ctx, cfg)
	at := link.Printable(cfg.Key, maxText)
	switch {
	case err == nil:
		return tok, group.OK(far, "under "+at+", used for "+left(tok)+" more")
	case errors.Is(err, store.ErrIdentity):
		return tok, group.Failure(far, "under "+at+" is the token of another identity", "one of this identity, or none", "set ADVOWARE_TOKEN_KEY to a name of its own in one of the two configurations")
	case errors.Is(err, store.ErrUnusable):
		return tok, group.Warning(far, "what is under "+at+" is not used: "+link.Printable(err.Error(), maxText), "a token, or none", "see format and TTL; the next token that is fetched replaces it")
	case errors.Is(err, store.ErrNotFound) && r.absent():
		return tok, group.OK(far, "none under "+at+": the next call fetches one")
	case errors.Is(err, store.ErrNotFound):
		return tok, group.Warning(far, "what is under "+at+" is not used: it has just ended", "a token, or none", "the next call fetches one")
	}
	t := link.Of(err)
	return tok, group.Warning(far, t.Saw, t.Want, t.Hint)
}

// get is Get of the store that a client has.
func get(ctx context.Context, cfg Config) (store.Token, error) {
	who := func(string) string { return cfg.Identity }
	raw, err := redisstore.New(redisstore.Config{
		Client: cfg.Link.Client(), Lifetime: cfg.Lifetime, Margins: cfg.Margins, Timeout: link.Patience,
		Identity: who, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return store.Token{}, err
	}
	defer raw.Close()
	if len(cfg.SealKeys) == 0 {
		return raw.Get(ctx, cfg.Key)
	}
	opened, err := sealed.New(sealed.Config{Store: raw, Shared: raw, Keys: cfg.SealKeys, Identity: who})
	if err != nil {
		return store.Token{}, err
	}
	return opened.Get(ctx, cfg.Key)
}

// same compares the tokens of both tiers.
func same(mine, theirs store.Token) check.Check {
	switch {
	case theirs.IsZero() && mine.IsZero():
		return group.Skipped(fingerprint, "there is no token that could be used")
	case theirs.IsZero():
		return group.OK(fingerprint, "near "+mine.Fingerprint()+", far none: it is written back by a process that uses it")
	case mine.IsZero():
		return group.OK(fingerprint, "far "+theirs.Fingerprint())
	case mine.Equal(theirs):
		return group.OK(fingerprint, "near and far "+theirs.Fingerprint())
	}
	return group.Warning(fingerprint, "near "+mine.Fingerprint()+", far "+theirs.Fingerprint(), "the same in both",
		"wait five seconds and look again: a process takes the token of Redis as soon as it hears of it; if it stays so, see pushes in the group Redis")
}

// aged says how old the token is.
func aged(tok store.Token) check.Check {
	switch {
	case tok.IsZero():
		return group.Skipped(age, "there is no token that could be used")
	case tok.IssuedAt().IsZero():
		return group.OK(age, "not known: neither the metadata nor the timestamp says when it was issued")
	}
	return group.OK(age, seconds(time.Since(tok.IssuedAt()))+", issued at "+tok.IssuedAt().UTC().Format(time.RFC3339))
}

func left(tok store.Token) string { return seconds(time.Until(tok.Expiry())) }

// seconds prints a duration in whole seconds.
func seconds(d time.Duration) string { return d.Round(time.Second).String() }

// maxText bounds what is shown of a text, in bytes.
const maxText = 300
