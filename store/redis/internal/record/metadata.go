// Package record has what a Redis store keeps beside a token, and how far that is believed:
// the metadata, and the timestamp that programs in other languages write too.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the package in context.
package record

import (
	"strconv"
	"time"

	"github.com/advoware-go/advoware/internal/number"
	"github.com/advoware-go/advoware/internal/rediskey"
	"github.com/advoware-go/advoware/store"
)

// Fields are the fields of the hash, in the order of the struct's. Their names must
// not change: other releases read them.
var Fields = []string{"token", "identity", "shift_ms", "issued_ms"}

// Metadata is what the raw value of a token does not say, as strings of the hash in Redis.
type Metadata struct {
	Token    string // digest of the token that it belongs to, which another program may have replaced
	Identity string // digest of the identity, "" if that is not known
	ShiftMS  string // from the end of the TTL to the expiry
	IssuedMS string // since 1970, "0" if that is not known
}

// New reads the reply of HMGET; a missing field is empty.
func New(fields []any) Metadata {
	var c Metadata
	for i, field := range []*string{&c.Token, &c.Identity, &c.ShiftMS, &c.IssuedMS} {
		if i < len(fields) {
			*field = rediskey.Field(fields[i])
		}
	}
	return c
}

// Of returns the metadata that goes with tok.
func Of(tok store.Token, identity string, margin time.Duration) Metadata {
	c := Metadata{
		Token:    rediskey.Token.Of(tok.Reveal()),
		Identity: identity,
		ShiftMS:  strconv.FormatInt(margin.Milliseconds(), 10),
		IssuedMS: "0",
	}
	if !tok.IssuedAt().IsZero() {
		c.IssuedMS = strconv.FormatInt(tok.IssuedAt().UnixMilli(), 10)
	}
	return c
}

// BelongsTo reports whether it is the metadata of the token value.
func (c Metadata) BelongsTo(value string) bool { return rediskey.Token.Is(c.Token, value) }

// ForeignTo reports whether the token is for another identity, as far as both are
// known.
func (c Metadata) ForeignTo(identity string) bool {
	return c.Identity != "" && identity != "" && c.Identity != identity
}

// Shift returns the time from the end of the TTL to the expiry, or otherwise if the field is
// missing or out of bounds.
func (c Metadata) Shift(most, otherwise time.Duration) time.Duration {
	ms, ok := number.Parse(c.ShiftMS)
	if !ok || ms < 0 || ms > most.Milliseconds() {
		return otherwise
	}
	return time.Duration(ms) * time.Millisecond
}

// Issued returns when the token was issued, zero if that is unknown or implausible, and how
// long it lasts from now on at most, which is negative if it has ended. The clocks of two
// machines differ: an instant up to Margin in the future means now.
func (c Metadata) Issued(now time.Time, life Life) (time.Time, time.Duration) {
	longest := life.longest()
	ms, ok := number.Parse(c.IssuedMS)
	if !ok || ms <= 0 || ms > now.Add(life.Margins.Margin).UnixMilli() {
		return time.Time{}, longest
	}
	t := earlier(time.UnixMilli(ms).UTC(), now)
	return t, longest - now.Sub(t)
}

// Wrote reports whether the timestamp was written with the metadata. Then it belongs to the
// token of the metadata, and not to one that another program has written since.
func (c Metadata) Wrote(stamp string) bool {
	t, err := time.Parse(isoSeconds, stamp)
	ms, ok := number.Parse(c.IssuedMS)
	return err == nil && ok && ms == t.UnixMilli()
}

func earlier(t, u time.Time) time.Time {
	if u.Before(t) {
		return u
	}
	return t
}
