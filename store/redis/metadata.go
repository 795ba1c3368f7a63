package redis

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
	"sync"
	"time"

	"github.com/advoware-go/advoware/internal/number"
	"github.com/advoware-go/advoware/store"
)

// The labels and the names of the fields must not change: other releases read them.
var (
	tokenDigest    = newDigester("advoware redis token v1")
	identityDigest = newDigester("advoware redis identity v1")
)

// metadataFields are the fields of the hash, in the order of the struct's.
var metadataFields = []string{"token", "identity", "shift_ms", "issued_ms"}

// metadataKey returns the key of the metadata. The braces put it into the
// cluster slot of key itself.
func metadataKey(key string) string { return "{" + key + "}:meta" }

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
			*field, _ = fields[i].(string)
		}
	}
	return c
}

// metadataOf returns the metadata that goes with tok.
func metadataOf(tok store.Token, identity string, margin time.Duration) metadata {
	c := metadata{
		token:    tokenDigest.of(tok.Reveal()),
		identity: identity,
		shiftMS:  strconv.FormatInt(margin.Milliseconds(), 10),
		issuedMS: "0",
	}
	if !tok.IssuedAt().IsZero() {
		c.issuedMS = strconv.FormatInt(tok.IssuedAt().UnixMilli(), 10)
	}
	return c
}

func (c metadata) belongsTo(value string) bool { return tokenDigest.is(c.token, value) }

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

// digester makes digests for one purpose: HMAC-SHA256 under its label, in hex.
type digester struct{ states sync.Pool } // of *digestState, as every read of a token needs one

// digestState is a MAC with its buffers.
type digestState struct {
	mac  hash.Hash
	text []byte
	sum  [sha256.Size]byte
	hex  [2 * sha256.Size]byte
}

func newDigester(label string) *digester {
	return &digester{sync.Pool{New: func() any { return &digestState{mac: hmac.New(sha256.New, []byte(label))} }}}
}

// of returns the digest of text.
func (d *digester) of(text string) string {
	st := d.states.Get().(*digestState)
	defer d.states.Put(st)
	return string(st.digest(text))
}

// is reports whether digest is that of text.
func (d *digester) is(digest, text string) bool {
	st := d.states.Get().(*digestState)
	defer d.states.Put(st)
	return digest == string(st.digest(text))
}

func (st *digestState) digest(text string) []byte {
	st.text = append(st.text[:0], text...)
	st.mac.Reset()
	st.mac.Write(st.text)
	clear(st.text) // it may be a token
	hex.Encode(st.hex[:], st.mac.Sum(st.sum[:0]))
	return st.hex[:]
}
