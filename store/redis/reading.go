package redis

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/advoware-go/advoware/internal/number"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/redis/internal/record"
	"github.com/advoware-go/advoware/store/redis/internal/rights"
)

// reading is the result of one atomic read of the keys of a token.
type reading struct {
	at        time.Time // just before the read
	value     string    // at most store.MaxTokenBytes+1 bytes of it, none if it is longer
	long      bool      // it is longer than that
	wrongType bool
	ttl       int64 // of PTTL: ms, -1 for no TTL, -2 for no key
	metadata  record.Metadata
	stamp     string // the timestamp key, if it was read
	stampTTL  int64
}

// reason is why a value under a token key is not used.
type reason int

const (
	wrongType reason = iota
	noTTL
	ended
	empty
	tooLong
	badBytes
	reasons // how many there are
)

// Error describes the reason without the value.
func (f reason) Error() string {
	return [...]string{
		wrongType: "unusable token: the key is not a string",
		noTTL:     "unusable token: the key has no TTL",
		ended:     "unusable token: it has just ended",
		empty:     "unusable token: empty",
		tooLong:   fmt.Sprintf("unusable token: over the limit of %d bytes", store.MaxTokenBytes),
		badBytes:  "unusable token: a byte is not visible ASCII",
	}[f]
}

// reasonOf reads what acquire.lua says of a value. It is false if nothing is wrong with it.
func reasonOf(what string) (f reason, found bool) {
	f, found = map[string]reason{
		"wrong type": wrongType, "no TTL": noTTL, "ended": ended, "empty": empty, "too long": tooLong, "bad bytes": badBytes,
	}[what]
	return f, found
}

// Is makes every reason match store.ErrNotFound and store.ErrUnusable.
func (f reason) Is(target error) bool {
	return target == store.ErrNotFound || target == store.ErrUnusable
}

// read reads key in one MULTI: a TTL that is read separately may be that of the next token.
// Where the server refuses MULTI, it uses plain commands.
func (s *Store) read(ctx context.Context, key string) (reading, error) {
	if !s.refuses(rights.Transactions) {
		r, err := call(ctx, s, func(ctx context.Context) (reading, error) { return s.transact(ctx, key) })
		if !rights.IsReply(err) && !isTooLong(err) {
			return r, err
		}
		p, plainErr := s.readPlain(ctx, key)
		if plainErr == nil && rights.IsReply(err) {
			s.refused(ctx, rights.Transactions, err)
		}
		return p, plainErr
	}
	return s.readPlain(ctx, key)
}

func (s *Store) transact(ctx context.Context, key string) (reading, error) {
	at := time.Now()
	q := s.transactionFor(key)
	defer s.recycle(q)
	q.ttl.SetVal(notSent)
	tx := s.cfg.Client.TxPipeline()
	_ = tx.BatchProcess(ctx, q.commands...)
	_, err := tx.Exec(ctx)
	if err := q.failure(err); err != nil {
		return reading{}, err
	}
	return reading{
		at:        at,
		value:     q.value.Val(),
		wrongType: q.value.Err() != nil,
		ttl:       q.ttl.Val(),
		metadata:  record.New(q.fields.Val()),
		stamp:     q.stamp.Val(),
		stampTTL:  q.stampTTL.Val(),
	}, nil
}

// absent reports whether there is no key.
func (r reading) absent() bool { return !r.wrongType && !r.long && r.value == "" && r.ttl == -2 }

// tokenOf returns the token of a reading, or why there is none.
func (s *Store) tokenOf(key string, r reading) (store.Token, error) {
	switch {
	case r.wrongType:
		return store.Token{}, wrongType
	case r.absent():
		return store.Token{}, store.ErrNotFound
	case r.value == "" && !r.long:
		return store.Token{}, empty
	case r.ttl == -1:
		return store.Token{}, noTTL
	case r.ttl <= 0:
		return store.Token{}, ended
	case r.long, len(r.value) > store.MaxTokenBytes:
		return store.Token{}, tooLong
	}
	now := r.at.UTC()
	ttl := number.Duration(r.ttl, time.Millisecond)
	longest := s.cfg.Margins.Life(s.cfg.Lifetime) // from the issue on
	shift, issued, foreign := s.cfg.Margins.Margin, time.Time{}, false
	left := longest
	if c := r.metadata; c.BelongsTo(r.value) {
		foreign = c.ForeignTo(s.identity(key))
		shift = c.Shift(s.cfg.Lifetime, shift)
		issued, left = c.Issued(now, s.cfg.life())
	} else if !c.Wrote(r.stamp) {
		issued, left = record.IssuedAt(r.stamp, now, ttl, number.Duration(r.stampTTL, time.Millisecond), s.cfg.life())
	}
	// Any of these may be wrong: the earliest end counts.
	if ttl < longest {
		left = min(left, ttl+shift)
	}
	tok, err := store.NewToken(r.value, issued, r.at.Add(left))
	switch {
	case err != nil: // before foreign: it is no token at all
		return store.Token{}, badBytes
	case foreign:
		return store.Token{}, s.identityError(key, r)
	}
	if !tok.ValidAt(time.Now()) { // it expired during the read
		return store.Token{}, ended
	}
	return tok, nil
}

// identityError returns an error with the digests of both identities, the end of the TTL of
// the other's token, and what helps.
func (s *Store) identityError(key string, r reading) error {
	const longest = 365 * 24 * time.Hour // a TTL without bounds would overflow
	until := r.at.Add(time.Duration(min(r.ttl, longest.Milliseconds())) * time.Millisecond)
	return fmt.Errorf("%w: the token there (identity %s) is for another URL, app, Kanzlei, database, user, role or product than ours (identity %s), and lasts until %s unless they renew it; use another key, wait until then, or delete the key if nobody needs it",
		store.ErrIdentity, brief(r.metadata.Identity), brief(s.identity(key)), until.UTC().Truncate(time.Second).Format(time.RFC3339))
}

// brief returns the first digits of a digest, "unknown" if it is none.
func brief(digest string) string {
	const digits = 8
	if len(digest) < digits || strings.Trim(digest, "0123456789abcdef") != "" {
		return "unknown"
	}
	return digest[:digits]
}
