// Package rights records what a Redis server does not allow to a user, or to anybody, so that
// a store does without it.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the package in context.
package rights

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redissaid"
)

// Right is something that a store needs of the server.
type Right int

const (
	Transactions Right = iota
	Ranges
	Lengths
	Metadata
	Stamps
	Tombstones
	Statistics
	Scripts
	Writes
	count // how many there are
)

// without describes what was refused and what is done instead.
func (r Right) without() string {
	return [...]string{
		Transactions: "MULTI and EXEC: a token is read by single commands, twice, so that it is not taken for the next one",
		Ranges:       "GETRANGE: a token is read by GET, after a look at its length",
		Lengths:      "STRLEN: the length of a value is not known before it is read",
		Metadata:     "HMGET of {key}:meta: the expiry of a token is that of its TTL, and its identity is not checked",
		Stamps:       "the timestamp key: it is not known when tokens of other programs were issued",
		Tombstones:   "GET of {key}:gone:*: a deletion that another process saw is not known here",
		Statistics:   "INFO: an eviction cannot be told from a deletion",
		Scripts:      "EVAL: tokens are written by WATCH, MULTI and EXEC",
		Writes:       "writing: tokens that others put there are used, and ours are not shared",
	}[r]
}

// againAfter is the time after which something that was refused is tried again: rights and
// configurations change.
const againAfter = time.Minute

// Refusals has what the server refused lately, so that it is not tried in each exchange.
type Refusals [count]struct {
	until  atomic.Int64 // Unix nanoseconds
	warned sync.Map     // by reason: logged once
}

// Has reports whether the server refused r lately.
func (f *Refusals) Has(r Right) bool { return time.Now().UnixNano() < f[r].until.Load() }

// Note records a refusal, and logs each reason once. A reply that tells how the server, or the slot
// of a key, is just now is none.
func (f *Refusals) Note(ctx context.Context, logger *slog.Logger, r Right, why error) {
	if isPassing(why) {
		return
	}
	f[r].until.Store(time.Now().Add(againAfter).UnixNano())
	reason := reasonOf(why)
	if _, warned := f[r].warned.LoadOrStore(reason, true); !warned {
		logger.InfoContext(ctx, "store/redis: the server "+reason+" "+r.without(), "reply", redissaid.Scrub(why).Error())
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

// isPassing reports whether a reply will be another one soon, whatever the rights are: the server is
// busy, or its cluster moves the key.
func isPassing(err error) bool {
	return IsBusy(err) || begins(err, "MOVED ", "ASK ", "TRYAGAIN")
}

// IsBusy reports whether the server answers each command so just now: it runs a long script, or loads
// its data, or has lost its master or the rest of its cluster, or lets nobody in who comes as we do.
func IsBusy(err error) bool {
	return begins(err, "BUSY ", "LOADING", "MASTERDOWN", "CLUSTERDOWN",
		"NOAUTH", "WRONGPASS", "invalid password", "DENIED ", "max number of clients") // of which "ERR " is left out
}

func begins(err error, with ...string) bool {
	return slices.ContainsFunc(with, func(prefix string) bool { return goredis.HasErrorPrefix(err, prefix) })
}

// IsReply reports whether an error is an error reply of the server.
func IsReply(err error) bool {
	if err == nil { // for which errors.As would allocate
		return false
	}
	var reply goredis.Error
	return errors.As(err, &reply) && !errors.Is(err, goredis.Nil)
}

// IsForbidden reports whether the server does not allow a command to this user or to all
// users.
func IsForbidden(err error) bool {
	if !IsReply(err) {
		return false
	}
	text := err.Error()
	for _, sign := range []string{"NOPERM", "unknown command", "The user executing the script can't", "not allowed", "not supported", "unsupported", "disabled"} {
		if strings.Contains(text, sign) {
			return !IsReadOnly(err) && !IsBusy(err) // "OOM command not allowed …" and "WRONGPASS … user is disabled" are no matter of rights
		}
	}
	return false
}

// IsReadOnly reports whether the server refuses writes at present; it may answer reads.
// EXECABORT ends a transaction in which a command was refused.
func IsReadOnly(err error) bool {
	return begins(err, "READONLY", "OOM", "MISCONF", "NOREPLICAS", "EXECABORT")
}
