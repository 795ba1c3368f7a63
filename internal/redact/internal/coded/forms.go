// Package coded tells what a secret looks like where nobody reads it: in base64, or with its bytes written
// as numbers.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the package in context.
package coded

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf16"
)

// Forms are what a secret is encoded as, by itself and as UTF-16: its bytes, and the digits of them in
// hex and in base64, the latter as OfURL leaves them. Plain is the secret as that leaves it, without the equals
// signs that base64 ends with: it may be in lines too.
type Forms struct {
	Bytes, Hex, Base64 []string
	Plain              string
}

// OfURL makes the base64 of URLs the usual one, in which a plus sign is a space, as in a query.
var OfURL = strings.NewReplacer("-", " ", "_", "/", "+", " ")

// NewForms returns the forms of a secret.
func NewForms(secret string) (f Forms) {
	wide, narrow := []byte(nil), []byte(nil) // of UTF-16, with the lower byte first, and last
	for _, unit := range utf16.Encode([]rune(secret)) {
		wide, narrow = append(wide, byte(unit), byte(unit>>8)), append(narrow, byte(unit>>8), byte(unit))
	}
	f.Plain = OfURL.Replace(strings.TrimRight(secret, "="))
	f.Bytes = []string{secret, string(wide), string(narrow)}
	for _, text := range f.Bytes {
		f.Hex = append(f.Hex, fmt.Sprintf("%x", text))
		for before := range 3 {
			f.Base64 = append(f.Base64, OfURL.Replace(InBase64(text, before)))
		}
	}
	return f
}

// InBase64 returns a text in base64 behind so many bytes, without the digits that have bits of
// something else: of what is before it, or after it.
func InBase64(text string, before int) string {
	code := base64.RawStdEncoding.EncodeToString([]byte("\x00\x00"[:before] + text))
	return code[(8*before+5)/6 : (before+len(text))*8/6]
}
