package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redissaid"
	"github.com/advoware-go/advoware/store"
)

// right is something that a server may refuse, and for which there is a replacement.
type right int

const (
	transactions right = iota
	ranges
	lengths
	metadataRight
	stamps
	tombstones
	statistics
	scripts
	writes
	rights // how many there are
)

// without describes what was refused and what is done instead.
func (r right) without() string {
	return [...]string{
		transactions:  "MULTI and EXEC: a token is read by single commands, twice, so that it is not taken for the next one",
		ranges:        "GETRANGE: a token is read by GET, after a look at its length",
		lengths:       "STRLEN: the length of a value is not known before it is read",
		metadataRight: "HMGET of {key}:meta: the expiry of a token is that of its TTL, and its identity is not checked",
		stamps:        "the timestamp key: it is not known when tokens of other programs were issued",
		tombstones:    "GET of {key}:gone:*: a deletion that another process saw is not known here",
		statistics:    "INFO: an eviction cannot be told from a deletion",
		scripts:       "EVAL: tokens are written by WATCH, MULTI and EXEC",
		writes:        "writing: tokens that others put there are used, and ours are not shared",
	}[r]
}

// againAfter is the time after which something that was refused is tried again: rights and
// configurations change.
const againAfter = time.Minute

// refusals has what the server refused lately, so that it is not tried in each exchange.
type refusals [rights]struct {
	until  atomic.Int64 // Unix nanoseconds
	warned sync.Map     // by reason: logged once
}

func (s *Store) refuses(r right) bool { return time.Now().UnixNano() < s.refusals[r].until.Load() }

// refused records a refusal, and logs each reason once.
func (s *Store) refused(ctx context.Context, r right, why error) {
	s.refusals[r].until.Store(time.Now().Add(againAfter).UnixNano())
	reason := reasonOf(why)
	if _, warned := s.refusals[r].warned.LoadOrStore(reason, true); !warned {
		s.cfg.Logger.InfoContext(ctx, "store/redis: the server "+reason+" "+r.without(), "reply", redissaid.Scrub(why).Error())
	}
}

// reasonOf returns why the server refuses something, as the beginning of a sentence. The
// reason may be the state of the server instead of the rights of the user.
func reasonOf(err error) string {
	for prefix, reason := range map[string]string{
		"OOM":        "has no memory left for",
		"READONLY":   "is a replica and does not carry out",
		"MISCONF":    "cannot save to its disk and does not carry out",
		"NOREPLICAS": "has too few replicas and does not carry out",
	} {
		if goredis.HasErrorPrefix(err, prefix) || strings.Contains(err.Error(), prefix+" ") {
			return reason
		}
	}
	if goredis.HasErrorPrefix(err, "EXECABORT") {
		return "does not carry out at present"
	}
	return "does not allow"
}

// isReply reports whether an error is an error reply of the server.
func isReply(err error) bool {
	var reply goredis.Error
	return errors.As(err, &reply) && !errors.Is(err, goredis.Nil)
}

// isForbidden reports whether the server does not allow a command to this user or to all
// users.
func isForbidden(err error) bool {
	if !isReply(err) {
		return false
	}
	text := err.Error()
	for _, sign := range []string{"NOPERM", "unknown command", "The user executing the script can't", "not allowed", "not supported", "unsupported", "disabled"} {
		if strings.Contains(text, sign) {
			return !isReadOnly(err) // "OOM command not allowed …" is no matter of rights
		}
	}
	return false
}

// isReadOnly reports whether the server refuses writes at present; it may answer reads.
// EXECABORT ends a transaction in which a command was refused.
func isReadOnly(err error) bool {
	for _, prefix := range []string{"READONLY", "OOM", "MISCONF", "NOREPLICAS", "EXECABORT"} {
		if goredis.HasErrorPrefix(err, prefix) {
			return true
		}
	}
	return false
}

// refusedWrite makes the error of a write that was refused match store.ErrForbidden or
// store.ErrRefused: it is no outage.
func (s *Store) refusedWrite(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case isForbidden(err):
		s.refused(ctx, writes, err)
		return fmt.Errorf("%w: %w", store.ErrForbidden, err)
	case errors.Is(err, store.ErrForbidden):
		s.refused(ctx, writes, err)
		return err
	case isReadOnly(err):
		return fmt.Errorf("%w: %w", store.ErrRefused, err)
	}
	return err
}
