package sealed

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// KeyBytes is the length of a key: that of an AES-256 key.
const KeyBytes = 32

const redacted = "[redacted]"

// ErrKey is returned for a key that cannot be used: missing, not base64, or not KeyBytes
// long.
var ErrKey = errors.New("store/sealed: unusable key")

// Key is a key of a ring. It is one word, immutable, safe to copy and for
// concurrent use; the zero value is "no key". == is true for copies of the same one
// only; Equal compares the keys.
//
// No fmt verb, slog handler or encoder prints it, also in an unexported field of a struct.
// Reflection (go-cmp) does not find it either.
type Key struct{ p *key }

// key has the bytes in a function: packages that print by reflection, fmt among them, follow
// pointers and fields, but cannot look into a function.
type key struct{ bytes func() string }

// ParseKey reads a key: KeyBytes random bytes in standard base64 with its padding,
// as `openssl rand -base64 32` prints them. White space around it is ignored. A
// passphrase is no key, whatever its length.
//
// For anything else the error matches ErrKey. It says what is wrong, without any part of the
// key.
func ParseKey(text string) (Key, error) {
	text = strings.TrimSpace(text)
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	switch {
	case text == "":
		return Key{}, fmt.Errorf("%w: empty", ErrKey)
	case err != nil || strings.ContainsAny(text, "\r\n"): // which the decoder skips
		return Key{}, fmt.Errorf("%w: not standard base64 with its padding; `openssl rand -base64 32` prints a key", ErrKey)
	case len(raw) != KeyBytes:
		return Key{}, fmt.Errorf("%w: %d bytes, not %d; `openssl rand -base64 32` prints a key", ErrKey, len(raw), KeyBytes)
	}
	return Key{&key{func() string { return string(raw) }}}, nil
}

// ParseKeys reads a key ring: keys as ParseKey reads them, separated by commas. The
// error names every one that is refused by its place, in one line.
func ParseKeys(text string) ([]Key, error) {
	parts := strings.Split(text, ",")
	keys := make([]Key, len(parts))
	var problems []string
	for i, part := range parts {
		var err error
		if keys[i], err = ParseKey(part); err != nil {
			why := strings.TrimPrefix(err.Error(), ErrKey.Error()+": ")
			problems = append(problems, fmt.Sprintf("number %d of %d is %s", i+1, len(parts), why))
		}
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrKey, strings.Join(problems, "; "))
	}
	return keys, nil
}

// Equal reports whether both are the same key. It takes the same time whatever the
// difference.
func (k Key) Equal(other Key) bool {
	if k.p == nil || other.p == nil {
		return k.p == other.p
	}
	return subtle.ConstantTimeCompare([]byte(k.p.bytes()), []byte(other.p.bytes())) == 1
}

// IsZero reports whether there is no key.
func (k Key) IsZero() bool { return k.p == nil }

// String returns "[redacted]".
func (Key) String() string { return redacted }

// Format prints "[redacted]", whatever the verb.
func (Key) Format(f fmt.State, _ rune) { fmt.Fprint(f, redacted) }

// LogValue logs "[redacted]".
func (Key) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText keeps JSON, XML and every other encoder to "[redacted]".
func (Key) MarshalText() ([]byte, error) { return []byte(redacted), nil }
