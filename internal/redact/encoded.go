package redact

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
)

// longEnough is how long a secret must be, and each of its encodings, for them not to be in a text
// by chance without its spaces.
const longEnough = 8

// hasEncoded reports whether a text has a secret in it that Hide does not find: broken into lines,
// or with invisible characters in it, or in hex or base64, alone or behind something else, as
// in a dump of a request.
func hasEncoded(text, secret string) bool {
	if len(secret) < longEnough {
		return false
	}
	text = joined(text)
	if New(joined(secret)).In(text) {
		return true
	}
	dump := strings.NewReplacer(":", "", "-", "").Replace(strings.ToLower(text))
	plain := strings.NewReplacer("-", "+", "_", "/").Replace(text) // the alphabet of URLs
	for _, form := range []string{secret, ofBase64(secret)} {
		if len(form) < longEnough {
			continue
		}
		if form != secret && New(joined(form)).In(text) || strings.Contains(dump, fmt.Sprintf("%x", form)) {
			return true
		}
		for before := range 3 { // bytes that are encoded together with its first ones
			if NewToken(ofBytes(form, before)).In(plain) { // in JSON its digits may be escaped
				return true
			}
		}
	}
	return len(New(secret).Encoded().codes(text, false)) > 0 // of UTF-16
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
