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
)

// MaxTokenBytes is the longest token that is accepted from anywhere: 16 KiB.
const MaxTokenBytes = 16 << 10

// ErrUnusable is what a token is that must never be sent: empty, too long,
// with a byte that has no place in a header, or past its expiry.
var ErrUnusable = errors.New("store: unusable token")

const (
	bearer = "Bearer "
	// fingerprintLabel is fixed for ever: a fingerprint is the same in every
	// process and every release.
	fingerprintLabel = "advoware token fingerprint v1"
)

// Token is a bearer token and the time it ends. It is one word, immutable and
// safe to copy and share; the zero value is "no token".
//
// No fmt verb, slog handler or encoder prints the token itself, nor what prints by
// reflection (go-cmp), also when it sits in an unexported field of somebody's struct: they
// show its fingerprint, if anything.
// Reveal and Header are the only ways to the text.
//
// == tells whether two Tokens are the same copy. Use Equal to ask whether they
// are the same token.
type Token struct{ p *token }

type token struct {
	// header is "Bearer …", prepared once, so that no request builds it. It is in a
	// function because whoever prints by reflection, fmt among them, may look behind any
	// pointer and into any field, but never into a function.
	header func() []string
	issued time.Time
	expiry time.Time
}

// NewToken returns the token with the given text. Issued is when it was issued,
// zero if that is not known; expiry is the instant from which nobody uses it.
// An empty text, one over MaxTokenBytes, and one with a byte outside visible
// ASCII (spaces and line ends included) are refused with ErrUnusable.
//
// NewToken does not look at the clock: a token that has already ended can be
// made, but no Store takes it.
func NewToken(text string, issued, expiry time.Time) (Token, error) {
	if err := checkText(text); err != nil {
		return Token{}, err
	}
	header := [1]string{bearer + text}
	return Token{&token{header: func() []string { return header[:1:1] }, issued: issued, expiry: expiry}}, nil
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

// Reveal returns the text of the token, "" for the zero Token. Whoever calls it
// takes over the duty not to print it.
func (t Token) Reveal() string {
	if t.p == nil {
		return ""
	}
	return t.p.header()[0][len(bearer):]
}

// Header returns the value of the Authorization header, ready to be put into an
// http.Header, nil for the zero Token. The slice is shared by everyone who holds
// the token: it must not be written to.
func (t Token) Header() []string {
	if t.p == nil {
		return nil
	}
	return t.p.header()
}

// IssuedAt returns when the token was issued; zero if that is not known.
func (t Token) IssuedAt() time.Time {
	if t.p == nil {
		return time.Time{}
	}
	return t.p.issued
}

// Expiry returns the instant from which nobody uses the token. For a token that
// this process fetched or read it carries a monotonic reading besides the wall
// clock; see [Remaining] for what that is good for.
func (t Token) Expiry() time.Time {
	if t.p == nil {
		return time.Time{}
	}
	return t.p.expiry
}

// ValidAt reports whether the token may be used at that instant.
func (t Token) ValidAt(now time.Time) bool { return t.p != nil && Remaining(now, t.p.expiry) > 0 }

// Equal reports whether both are the same token, whatever they know of its
// times. It takes the same time whatever the difference.
func (t Token) Equal(u Token) bool {
	if t.p == u.p {
		return true
	}
	if t.p == nil || u.p == nil {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(t.p.header()[0]), []byte(u.p.header()[0])) == 1
}

// Fingerprint names the token without giving it away: the first 8 hex digits of
// an HMAC-SHA256 under a fixed label, equal in every process. It is "" for the
// zero Token.
func (t Token) Fingerprint() string {
	if t.p == nil {
		return ""
	}
	mac := hmac.New(sha256.New, []byte(fingerprintLabel))
	mac.Write([]byte(t.Reveal()))
	return hex.EncodeToString(mac.Sum(nil)[:4])
}

// Remaining tells how long something that ends at expiry still lasts at now. It
// asks the wall clock and the monotonic clock and believes the one that ends
// first: the monotonic clock stands still while the machine sleeps, the wall
// clock jumps when somebody sets it. A time without a monotonic reading is
// judged by the wall clock alone.
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

// MarshalText keeps JSON, XML and every other encoder to the fingerprint.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.redacted()), nil }
