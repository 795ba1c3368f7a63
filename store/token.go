package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"
	"unsafe"
)

// MaxTokenBytes is the longest token that is accepted from anywhere: 16 KiB.
const MaxTokenBytes = 16 << 10

// ErrUnusable is returned for a token that must never be sent: it is empty, too long or
// expired, or has a byte that is not allowed in a header.
var ErrUnusable = errors.New("store: unusable token")

const (
	bearer = "Bearer "
	// fingerprintLabel never changes: a fingerprint is the same in every process and
	// every release.
	fingerprintLabel = "advoware token fingerprint v1"
)

// Token is a bearer token and its expiry. It is one word, immutable and safe to copy and
// share; the zero value is "no token".
//
// A Token is redacted: fmt, slog and encoders print its fingerprint at most, and so does
// what prints by reflection (go-cmp), also for an unexported field of another struct.
// Reveal and Header are the only ways to the text.
//
// == compares pointers: it is true for copies of one Token. Use Equal to compare tokens.
type Token struct{ p *token }

type token struct {
	// header points to a [1]string with "Bearer …", built once and not for each request.
	// Reflection, which fmt and dumpers use too, reads any field and follows any pointer
	// that has a type; it cannot know what this one points to.
	header unsafe.Pointer
	issued time.Time
	expiry time.Time
}

func (t *token) line() *[1]string { return (*[1]string)(t.header) }

// NewToken returns the token with the given text. issued is when it was issued, zero if
// that is not known; from expiry on it is not used. A text that is empty, longer than
// MaxTokenBytes, or not all visible ASCII (a space or a line end, say) is an error that
// matches ErrUnusable.
//
// NewToken does not look at the clock: it makes expired tokens too, but no Store takes
// them.
func NewToken(text string, issued, expiry time.Time) (Token, error) {
	if err := checkText(text); err != nil {
		return Token{}, err
	}
	header := &[1]string{bearer + text}
	return Token{&token{header: unsafe.Pointer(header), issued: issued, expiry: expiry}}, nil
}

func checkText(text string) error {
	if text == "" {
		return fmt.Errorf("%w: empty", ErrUnusable)
	}
	if len(text) > MaxTokenBytes {
		return fmt.Errorf("%w: %d bytes, over the limit of %d", ErrUnusable, len(text), MaxTokenBytes)
	}
	for i := 0; i < len(text); i++ {
		if c := text[i]; c <= ' ' || c > '~' {
			return fmt.Errorf("%w: byte %d of %d is not visible ASCII", ErrUnusable, i+1, len(text))
		}
	}
	return nil
}

// IsZero reports whether there is no token.
func (t Token) IsZero() bool { return t.p == nil }

// Reveal returns the text of the token, "" for the zero Token. The caller must not print
// it.
func (t Token) Reveal() string {
	if t.p == nil {
		return ""
	}
	return t.p.line()[0][len(bearer):]
}

// Header returns the value of the Authorization header, to be put into an http.Header;
// nil for the zero Token. The slice is shared by all copies and must not be modified.
func (t Token) Header() []string {
	if t.p == nil {
		return nil
	}
	return t.p.line()[:]
}

// IssuedAt returns when the token was issued; zero if that is not known.
func (t Token) IssuedAt() time.Time {
	if t.p == nil {
		return time.Time{}
	}
	return t.p.issued
}

// Expiry returns the instant from which the token is not used. For a token that this
// process fetched or read it has a monotonic clock reading, which [Remaining] uses.
func (t Token) Expiry() time.Time {
	if t.p == nil {
		return time.Time{}
	}
	return t.p.expiry
}

// ValidAt reports whether the token may be used at now.
func (t Token) ValidAt(now time.Time) bool { return t.p != nil && Remaining(now, t.p.expiry) > 0 }

// Equal reports whether both have the same text; their times are not compared. It takes
// constant time.
func (t Token) Equal(u Token) bool {
	if t.p == u.p {
		return true
	}
	if t.p == nil || u.p == nil {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(t.p.line()[0]), []byte(u.p.line()[0])) == 1
}

// Fingerprint returns a name for the token that does not reveal it: the first 8 hex
// digits of an HMAC-SHA256 under a fixed label, the same in every process. It is "" for
// the zero Token.
func (t Token) Fingerprint() string {
	if t.p == nil {
		return ""
	}
	mac := hmac.New(sha256.New, []byte(fingerprintLabel))
	mac.Write([]byte(t.Reveal()))
	return hex.EncodeToString(mac.Sum(nil)[:4])
}

// Remaining returns how long something that ends at expiry still lasts at now: the
// shorter of what the wall clock and the monotonic clock say. The monotonic clock stops
// while the machine is suspended; the wall clock jumps when it is set. If one of the times
// has no monotonic reading, only the wall clock counts.
func Remaining(now, expiry time.Time) time.Duration {
	return min(expiry.Sub(now), expiry.Round(0).Sub(now.Round(0)))
}

func (t Token) redacted() string {
	if t.p == nil {
		return "[no token]"
	}
	return "[token " + t.Fingerprint() + "]"
}

// String returns the fingerprint.
func (t Token) String() string { return t.redacted() }

// Format prints the fingerprint, whatever the verb.
func (t Token) Format(f fmt.State, _ rune) { fmt.Fprint(f, t.redacted()) }

// LogValue logs the fingerprint.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.redacted()) }

// MarshalText returns the fingerprint, for JSON, XML and all other encoders.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.redacted()), nil }
