// Package secret has a string type that is redacted wherever it is printed.
//
// A [String] holds a password or the like. fmt, slog and encoders print "[redacted]", and
// what prints by reflection (go-cmp) does not find the text, also in an unexported field of
// another struct. A `type Secret string` with a String method would not do: fmt does not
// call methods on unexported fields.
//
// Everything here is safe for concurrent use.
package secret

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// String is a redacted string. It is immutable; the zero value is the empty string. ==
// compares pointers: it is true for copies of one String. Equal compares the texts.
type String struct{ p *hidden }

// hidden has the text in a closure: reflection, which fmt uses too, follows any pointer
// and reads any field, but cannot look into a function.
type hidden struct{ text func() string }

// New returns text as a String.
func New(text string) String { return String{&hidden{func() string { return text }}} }

// Reveal returns the text. The caller must not print it.
func (s String) Reveal() string {
	if s.p == nil {
		return ""
	}
	return s.p.text()
}

// IsZero reports whether the text is empty.
func (s String) IsZero() bool { return s.Reveal() == "" }

// Equal reports whether both have the same text. The time it takes depends on their
// lengths only.
func (s String) Equal(other String) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns "[redacted]".
func (String) String() string { return redacted }

// Format prints "[redacted]", whatever the verb.
func (String) Format(f fmt.State, _ rune) { fmt.Fprint(f, redacted) }

// LogValue logs "[redacted]".
func (String) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "[redacted]", for JSON, XML and all other encoders.
func (String) MarshalText() ([]byte, error) { return []byte(redacted), nil }
