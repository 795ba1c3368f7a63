package signer

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// ErrKey is what an API key is that cannot be used: empty or not base64.
var ErrKey = errors.New("signer: unusable API key")

// Key is an API key. It is one word, immutable, safe to copy and for concurrent
// use; the zero value is "no key". == is true for copies of the same one only;
// Equal compares the keys.
//
// No fmt verb, slog handler or encoder prints it, nor what prints by reflection (go-cmp),
// also when it sits in an unexported field of somebody's struct.
type Key struct{ p *key }

// key has the decoded bytes in a function: whoever prints by reflection, fmt among them,
// may look behind any pointer and into any field, but never into a function.
type key struct{ bytes func() string }

// ParseKey reads an API key as the vendor issues it: standard base64 with its
// padding, of any length but zero. ASCII white space is ignored wherever it
// stands (space, \t, \n, \v, \f and \r), as Python's b64decode does.
//
// Anything else is refused with ErrKey, where other decoders guess and sign
// with another key: the URL alphabet (- and _), missing or surplus padding,
// text after the padding, any other character. The error says what is wrong and
// where, and nothing of the key.
func ParseKey(text string) (Key, error) {
	compact, err := compactKey(text)
	if err != nil {
		return Key{}, err
	}
	if len(compact) == 0 {
		return Key{}, fmt.Errorf("%w: empty; give the base64 text that the vendor issued", ErrKey)
	}
	decoded, err := base64.StdEncoding.AppendDecode(nil, compact)
	if err != nil {
		return Key{}, fmt.Errorf("%w: characters or padding (=) are missing at its end, or there is too much padding; give all of it, as the vendor issued it", ErrKey)
	}
	return Key{&key{func() string { return string(decoded) }}}, nil
}

// Reveal returns the key in base64, without white space; "" for the zero Key.
// Whoever calls it takes over the duty not to print it.
func (k Key) Reveal() string {
	if k.p == nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString([]byte(k.p.bytes()))
}

// compactKey returns text without white space, if only base64 is left then with
// padding nowhere but at the end.
func compactKey(text string) ([]byte, error) {
	compact := make([]byte, 0, len(text))
	padded := false
	for i := range len(text) {
		c := text[i]
		switch {
		case c == ' ' || '\t' <= c && c <= '\r':
			continue
		case c == '=':
			padded = true
		case c == '-' || c == '_':
			return nil, refuse(text, i, "belongs to the URL alphabet; write the key in standard base64, + for - and / for _")
		case !inAlphabet(c):
			return nil, refuse(text, i, "is not base64; give the key as the vendor issued it, without quotes")
		case padded:
			return nil, refuse(text, i, "follows the padding (=); give exactly one key")
		}
		compact = append(compact, c)
	}
	return compact, nil
}

func inAlphabet(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/'
}

func refuse(text string, i int, why string) error {
	return fmt.Errorf("%w: byte %d of %d %s", ErrKey, i+1, len(text), why)
}

// Equal reports whether both are the same key. It takes the same time whatever the
// difference, but for the length.
func (k Key) Equal(other Key) bool {
	if k.p == nil || other.p == nil {
		return k.p == other.p
	}
	return subtle.ConstantTimeCompare([]byte(k.p.bytes()), []byte(other.p.bytes())) == 1
}

// String returns "[redacted]".
func (Key) String() string { return redacted }

// IsZero reports whether there is no key.
func (k Key) IsZero() bool { return k.p == nil }

// Format prints "[redacted]", whatever the verb.
func (Key) Format(f fmt.State, _ rune) { fmt.Fprint(f, redacted) }

// LogValue logs "[redacted]".
func (Key) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText keeps JSON, XML and every other encoder to "[redacted]".
func (Key) MarshalText() ([]byte, error) { return []byte(redacted), nil }
