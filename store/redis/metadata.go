package redis

import (
	"strconv"
	"time"

	"github.com/advoware-go/advoware/internal/number"
	"github.com/advoware-go/advoware/internal/rediskey"
	"github.com/advoware-go/advoware/store"
)

// metadataFields are the fields of the hash, in the order of the struct's. Their names must
// not change: other releases read them.
var metadataFields = []string{"token", "identity", "shift_ms", "issued_ms"}

// metadata is what the raw value of a token does not say, as strings of the hash in Redis.
type metadata struct {
	token    string // digest of the token that it belongs to, which another program may have replaced
	identity string // digest of the identity, "" if that is not known
	shiftMS  string // from the end of the TTL to the expiry
	issuedMS string // since 1970, "0" if that is not known
}

// newMetadata reads the reply of HMGET; a missing field is empty.
func newMetadata(fields []any) metadata {
	var c metadata
	for i, field := range []*string{&c.token, &c.identity, &c.shiftMS, &c.issuedMS} {
		if i < len(fields) {
			*field = rediskey.Field(fields[i])
		}
	}
	return c
}

// metadataOf returns the metadata that goes with tok.
func metadataOf(tok store.Token, identity string, margin time.Duration) metadata {
	c := metadata{
		token:    rediskey.Token.Of(tok.Reveal()),
		identity: identity,
		shiftMS:  strconv.FormatInt(margin.Milliseconds(), 10),
		issuedMS: "0",
	}
	if !tok.IssuedAt().IsZero() {
		c.issuedMS = strconv.FormatInt(tok.IssuedAt().UnixMilli(), 10)
	}
	return c
}

func (c metadata) belongsTo(value string) bool { return rediskey.Token.Is(c.token, value) }

// foreignTo reports whether the token is for another identity, as far as both are
// known.
func (c metadata) foreignTo(identity string) bool {
	return c.identity != "" && identity != "" && c.identity != identity
}

// shift returns the time from the end of the TTL to the expiry, or otherwise if the field is
// missing or out of bounds.
func (c metadata) shift(most, otherwise time.Duration) time.Duration {
	ms, ok := number.Parse(c.shiftMS)
	if !ok || ms < 0 || ms > most.Milliseconds() {
		return otherwise
	}
	return time.Duration(ms) * time.Millisecond
}

// issued returns when the token was issued, zero if that is unknown or implausible, and how
// long it lasts from now on at most, which is negative if it has ended. The clocks of two
// machines differ: an instant up to Margin in the future means now.
func (c metadata) issued(now time.Time, cfg Config) (time.Time, time.Duration) {
	longest := cfg.Margins.Life(cfg.Lifetime)
	ms, ok := number.Parse(c.issuedMS)
	if !ok || ms <= 0 || ms > now.Add(cfg.Margins.Margin).UnixMilli() {
		return time.Time{}, longest
	}
	t := earlier(time.UnixMilli(ms).UTC(), now)
	return t, longest - now.Sub(t)
}

// wrote reports whether the timestamp was written with the metadata. Then it belongs to the
// token of the metadata, and not to one that another program has written since.
func (c metadata) wrote(stamp string) bool {
	t, err := time.Parse(isoSeconds, stamp)
	ms, ok := number.Parse(c.issuedMS)
	return err == nil && ok && ms == t.UnixMilli()
}

func earlier(t, u time.Time) time.Time {
	if u.Before(t) {
		return u
	}
	return t
}
