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

	"github.com/advoware-go/advoware/store"
)

// right is something that a server may refuse, and that we can do without.
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

// without says what is done instead.
func (r right) without() string {
	return [...]string{
		transactions:  "MULTI and EXEC: a token is read by single commands, twice, so that it is not taken for the next one",
		ranges:        "GETRANGE: a token is read by GET, after a look at its length",
		lengths:       "STRLEN: the length of a value is not known before it is read",
		metadataRight: "HMGET of {key}:meta: the end of a token is told by its TTL alone, and whose it is by nobody",
		stamps:        "the timestamp key: it is not known when tokens of other programs were issued",
		tombstones:    "GET of {key}:gone:*: a deletion that another process saw is not known here",
		statistics:    "INFO: an eviction cannot be told from a deletion",
		scripts:       "EVAL: tokens are written by WATCH, MULTI and EXEC",
		writes:        "writing: tokens that others put there are used, and ours are not shared",
	}[r]
}

// againAfter is how long it is before something refused is asked for again: rights and
// configurations change.
const againAfter = time.Minute

// refusals remembers what the server refuses, so that each exchange does not find out
// anew.
type refusals [rights]struct {
	until  atomic.Int64 // Unix nanoseconds
	warned sync.Map     // by the reason: whether it has been logged
}

func (s *Store) refuses(r right) bool { return time.Now().UnixNano() < s.refusals[r].until.Load() }

// refused takes note of a refusal and says so once.
func (s *Store) refused(ctx context.Context, r right, why error) {
	s.refusals[r].until.Store(time.Now().Add(againAfter).UnixNano())
	reason := reasonOf(why)
	if _, told := s.refusals[r].warned.LoadOrStore(reason, true); !told {
		s.cfg.Logger.InfoContext(ctx, "store/redis: the server "+reason+" "+r.without(), "reply", scrubbed(why).Error())
	}
}

// reasonOf returns why the server refuses something, as the beginning of a sentence: it
// may be its state and not the rights of the user.
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

// isReply reports whether an error is an answer of the server's.
func isReply(err error) bool {
	var reply goredis.Error
	return errors.As(err, &reply) && !errors.Is(err, goredis.Nil)
}

// isForbidden reports whether the server does not let this user, or anybody, do what it
// was asked.
func isForbidden(err error) bool {
	if !isReply(err) {
		return false
	}
	text := err.Error()
	for _, sign := range []string{"NOPERM", "unknown command", "The user executing the script can't", "not allowed", "not supported", "unsupported", "disabled"} {
		if strings.Contains(text, sign) {
			return !isReadOnly(err) // "OOM command not allowed …"
		}
	}
	return false
}

// isReadOnly reports whether the server takes no writes at present, and may answer reads.
// EXECABORT is the end of a transaction in which a command was refused.
func isReadOnly(err error) bool {
	for _, prefix := range []string{"READONLY", "OOM", "MISCONF", "NOREPLICAS", "EXECABORT"} {
		if goredis.HasErrorPrefix(err, prefix) {
			return true
		}
	}
	return false
}

// refusedWrite marks the error of a write that is no outage.
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
