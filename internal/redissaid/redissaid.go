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

// Hide returns err without tokens that were sent. What is no reply may repeat one too: of a
// server that closes the connection, its last words are the reason.
func Hide(err error, tokens ...string) error {
	if err == nil {
		return nil
	}
	var reply goredis.Error
	isReply := errors.As(err, &reply)
	was := err.Error()
	if isReply {
		was = reply.Error()
	}
	all := redact.New("")
	for _, token := range tokens {
		if secret := redact.NewToken(token); !secret.Short() { // else it would take the words apart
			all = all.And(secret)
		}
	}
	text := all.Hide(was)
	switch {
	case text == was:
		return err
	case isReply:
		return Reply(text)
	}
	return &hidden{text, err}
}

// hidden is an error without a token that its text had. It does not wrap it, so that nothing
// prints it, and matches what it matches.
type hidden struct {
	text string
	err  error
}

func (e *hidden) Error() string        { return e.text }
func (e *hidden) Is(target error) bool { return errors.Is(e.err, target) }
func (e *hidden) As(target any) bool   { return errors.As(e.err, target) }

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
