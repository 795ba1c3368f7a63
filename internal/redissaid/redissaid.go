// Package redissaid takes secrets out of what a Redis server says, or a proxy before it:
// some repeat what they were sent, a token or a password.
//
// Everything here is safe for concurrent use.
package redissaid

import (
	"errors"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redact"
)

// Reply is an answer of a server that has been cut.
type Reply string

func (r Reply) Error() string { return string(r) }

// RedisError makes it a goredis.Error.
func (Reply) RedisError() {}

// Hide returns err without tokens that were sent.
func Hide(err error, tokens ...string) error {
	var reply goredis.Error
	if err == nil || !errors.As(err, &reply) {
		return err
	}
	text := reply.Error()
	for _, token := range tokens {
		if secret := redact.NewToken(token); !secret.Short() { // else it would take the words apart
			text = secret.Hide(text)
		}
	}
	if text == reply.Error() {
		return err
	}
	return Reply(text)
}

// Scrub replaces the errors that may quote a token: of a server that repeats
// the arguments of a command it does not know, and of a client that cannot parse
// a reply. What replaces them does not wrap them, so that nothing prints them.
func Scrub(err error) error {
	text := err.Error()
	var reply goredis.Error
	if errors.As(err, &reply) {
		if i := strings.Index(text, ", with args beginning with"); i >= 0 {
			return Reply(text[:i])
		}
		return err
	}
	var number *strconv.NumError
	if errors.As(err, &number) {
		return errors.New("unreadable reply")
	}
	for _, sign := range []string{"redis: can't parse", "redis: invalid", "redis: expected"} {
		if strings.Contains(text, sign) {
			return errors.New("unreadable reply")
		}
	}
	return err
}
