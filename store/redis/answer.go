package redis

import (
	"strings"
	"time"

	"github.com/advoware-go/advoware/store/lease"
)

var credentialsDigest = newDigester("advoware redis credentials v1")

const (
	kindRefused = "refused"
	kindOutage  = "outage"

	maxMessage = 512 // bytes of what a holder met
)

// answer is what acquire.lua returns.
type answer []any

// kind is its first word.
func (a answer) kind() string {
	kind, _ := a.text(0)
	return kind
}

func (a answer) text(i int) (string, bool) {
	if i >= len(a) {
		return "", false
	}
	text, ok := a[i].(string)
	return text, ok
}

// flaw reads {'yours', flaw}: what is wrong with the token that is there, if there is
// one.
func (a answer) flaw() (flaw, bool) {
	what, _ := a.text(1)
	f, found := map[string]flaw{
		"wrong type": wrongType, "no TTL": noTTL, "ended": ended, "empty": empty, "too long": tooLong, "bad bytes": badBytes,
	}[what]
	return f, found
}

// holder reads {'held', holder, PTTL}.
func (a answer) holder() (string, time.Duration, error) {
	holder, _ := a.text(1)
	if holder == "" || len(a) < 3 {
		return "", 0, errReply
	}
	ms, ok := a[2].(int64)
	if !ok {
		return "", 0, errReply
	}
	return holder, time.Duration(min(ms, maxPause.Milliseconds())) * time.Millisecond, nil
}

// failure reads {'failed', PTTL, kind, message} and {'refused', PTTL}.
func (a answer) failure() (*lease.Failure, error) {
	if len(a) < 2 {
		return nil, errReply
	}
	ms, ok := a[1].(int64)
	if !ok {
		return nil, errReply
	}
	f := &lease.Failure{Refused: a.kind() == kindRefused, Pause: time.Duration(min(ms, maxPause.Milliseconds())) * time.Millisecond}
	if a.kind() == "failed" {
		kind, _ := a.text(2)
		message, _ := a.text(3)
		f.Refused, f.Message = kind == kindRefused, printable(message)
	}
	return f, nil
}

// maxPause bounds what is believed of a pause that others have set.
const maxPause = time.Hour

// printable cuts a message and replaces what might harm a log.
func printable(message string) string {
	if len(message) > maxMessage {
		message = message[:maxMessage]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(message, ""))
}
