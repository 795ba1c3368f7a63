package redact

import (
	"errors"
	"net/textproto"
	"strings"
)

// Error returns err, or, if its text has the secret in it, the rest of the text alone:
// net/http quotes an answer that is not HTTP.
func (s *Secret) Error(err error) error {
	text := err.Error()
	if hidden := s.Hide(text); hidden != text {
		return errors.New(hidden)
	}
	return err
}

// Unquoted returns err without what net/http quotes of an answer that is not HTTP. It is
// for an answer that is likely to hold secrets that are not known, a token for one.
func Unquoted(err error) error {
	text := err.Error()
	if protocol := textproto.ProtocolError(""); errors.As(err, &protocol) {
		return errors.New("malformed answer: a header that is none")
	}
	if before, _, quotes := strings.Cut(text, `"`); quotes {
		return errors.New(strings.TrimRight(before, " :"))
	}
	return err
}
