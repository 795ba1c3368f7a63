// Package rediskey has the names of what is kept in Redis beside a token, and the digests in
// which other processes and other releases find secrets and identities there. Neither may
// ever change.
//
// Everything here is safe for concurrent use. See docs/redis.md for what the keys hold.
package rediskey

const (
	sharedToken = "advoware_access_token"
	sharedStamp = "advoware_token_timestamp"
)

// Timestamp returns the name of the timestamp key of the token under key.
func Timestamp(key string) string {
	if key == sharedToken {
		return sharedStamp
	}
	return key + "_timestamp"
}

// The braces put a key into the slot of a Cluster that the token itself is in.
func beside(key, name string) string { return "{" + key + "}:" + name }

// Metadata is the key of what the raw token does not say.
func Metadata(key string) string { return beside(key, "meta") }

// Lock is the key of the lease, Failed that of what its last holder met, Refused that of
// refused credentials.
func Lock(key string) string    { return beside(key, "lock") }
func Failed(key string) string  { return beside(key, "failed") }
func Refused(key string) string { return beside(key, "refused") }

// Tombstone is the key that records the deletion of a token. Each token has one of its own,
// so that a later deletion does not overwrite it.
func Tombstone(key, token string) string { return TombstoneOf(key, Token.Of(token)) }

// TombstoneOf is Tombstone for the digest of the token.
func TombstoneOf(key, digest string) string { return beside(key, "gone:"+digest) }

// maxField is how long a field of the metadata may be; ours are shorter. fields.lua has the
// same limit.
const maxField = 64

// Field returns a field of a reply to HMGET, "" if it is missing or longer than ours are.
func Field(reply any) string {
	if text, ok := reply.(string); ok && len(text) <= maxField {
		return text
	}
	return ""
}
