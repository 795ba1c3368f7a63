// Package secret has a string that nobody prints by accident.
//
// A [String] holds a password or the like. No fmt verb, slog handler or encoder
// shows it, nor what prints by reflection (go-cmp), also when it sits in an unexported
// field of a struct that somebody prints. That is why it is not simply a `type Secret string` with a String
// method: fmt does not call methods on unexported fields.
package secret

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// String is a string to keep quiet about. The zero value is the empty string. It
// is immutable and safe for concurrent use. == is true for copies of the same one only;
// Equal compares the texts.
type String struct{ p *hidden }

// hidden has the text in a function: whoever prints by reflection may look behind any
// pointer and into any field, but never into a function.
type hidden struct{ text func() string }

// New returns text as a String.
func New(text string) String { return String{&hidden{func() string { return text }}} }

// Reveal returns the text. Whoever calls it takes over the duty not to print it.
func (s String) Reveal() string {
	if s.p == nil {
		return ""
	}
	return s.p.text()
}

// IsZero reports whether the text is empty.
func (s String) IsZero() bool { return s.Reveal() == "" }

// Equal reports whether both have the same text. It takes the same time whatever the
// difference, but for the length.
func (s String) Equal(other String) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns "[redacted]".
func (String) String() string { return redacted }

// Format prints "[redacted]", whatever the verb.
func (String) Format(f fmt.State, _ rune) { fmt.Fprint(f, redacted) }

// LogValue logs "[redacted]".
func (String) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText keeps JSON, XML and every other encoder to "[redacted]".
func (String) MarshalText() ([]byte, error) { return []byte(redacted), nil }
