package redact

import (
	"encoding/base64"
	"strings"
	"unicode"
)

// longEnough is how long a secret must be, and each of its encodings, for them not to be in a text
// by chance without its spaces.
const longEnough = 8

// hasEncoded reports whether a text has a secret in it that Hide does not find: broken into lines,
// or with invisible characters in it, or encoded.
func hasEncoded(text, secret string) bool {
	if len(secret) < longEnough {
		return false
	}
	seen := joined(text)
	for _, form := range []string{secret, ofBase64(secret)} {
		if s := New(form).Encoded(); len(form) >= longEnough && (s.In(text) || s.In(seen) || New(joined(form)).In(seen)) {
			return true
		}
	}
	return false
}

// joined returns a text without what cannot be seen.
func joined(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
}

// ofBase64 returns what a secret in base64 stands for, as an API key does, "" if it is none.
func ofBase64(secret string) string {
	raw, err := base64.StdEncoding.DecodeString(joined(secret))
	if err != nil {
		return ""
	}
	return string(raw)
}
