package redis

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/rediskey"
	"github.com/advoware-go/advoware/internal/redissaid"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/redis/internal/answer"
	"github.com/advoware-go/advoware/store/redis/internal/pipe"
	"github.com/advoware-go/advoware/store/redis/internal/record"
	"github.com/advoware-go/advoware/store/redis/internal/rights"
)

// plainTries bounds how often a token is read again that changed while it was read.
const plainTries = 8

var errChanging = errors.New("the token kept changing while it was read")

// notSent is no PTTL: a hook of the client may return an error, and leave commands as they were.
const notSent = -1 << 60

var errNotSent = errors.New("a hook of the client has not sent all commands")

// plain are the commands that read a token without a transaction, in one exchange. The
// server may refuse each by itself; GET and PTTL are enough. The value is read before and
// after its TTL: if both are equal, the TTL belongs to it.
type plain struct {
	lost     *goredis.StringCmd // nil if not sent, like all below
	value    *goredis.StringCmd
	ttl      *goredis.IntCmd
	fields   *goredis.SliceCmd
	stamp    *goredis.StringCmd
	stampTTL *goredis.IntCmd
	buried   *goredis.StringCmd
	again    *goredis.StringCmd
	lostNow  *goredis.StringCmd // with lost
	commands []goredis.Cmder
}

// look is what a plain reading returns besides the token.
type look struct {
	lost   store.Losses // before the token was read
	now    store.Losses // after that
	buried bool         // the token of the caller has a tombstone
}

// newPlain returns the commands; bare: those for the token alone.
func (s *Store) newPlain(ctx context.Context, key string, had store.Token, losses, bare bool) *plain {
	p := new(plain)
	text := func(args ...any) *goredis.StringCmd {
		c := goredis.NewStringCmd(ctx, args...)
		p.commands = append(p.commands, c)
		return c
	}
	value := []any{"getrange", key, 0, store.MaxTokenBytes} // keeps a huge value on the server
	if s.refuses(rights.Ranges) {
		value = []any{"get", key}
	}
	if losses && !bare && !s.refuses(rights.Statistics) {
		p.lost = text("info", "stats")
	}
	p.value = text(value...)
	p.ttl = goredis.NewIntCmd(ctx, "pttl", key) // not a DurationCmd, which overflows on a huge one
	p.ttl.SetVal(notSent)
	p.commands = append(p.commands, p.ttl)
	if !bare && !s.refuses(rights.Metadata) {
		p.fields = goredis.NewSliceCmd(ctx, metadataCommand(key)...)
		p.commands = append(p.commands, p.fields)
	}
	if s.single && !bare && !s.refuses(rights.Stamps) {
		name := rediskey.Timestamp(key)
		if s.refuses(rights.Ranges) {
			p.stamp = text("get", name)
		} else {
			p.stamp = text("getrange", name, 0, record.MaxTimestamp)
		}
		p.stampTTL = goredis.NewIntCmd(ctx, "pttl", name)
		p.commands = append(p.commands, p.stampTTL)
	}
	if !had.IsZero() && !bare && !s.refuses(rights.Tombstones) {
		if name := rediskey.Tombstone(key, had.Reveal()); s.refuses(rights.Ranges) {
			p.buried = text("get", name)
		} else {
			p.buried = text("getrange", name, 0, 0)
		}
	}
	p.again = text(value...)
	if p.lost != nil {
		p.lostNow = text("info", "stats")
	}
	return p
}

// readPlain is read without a transaction.
func (s *Store) readPlain(ctx context.Context, key string) (reading, error) {
	r, _, err := s.lookPlain(ctx, nil, key, store.Token{}, false)
	return r, err
}

// connection is what commands are sent over: a client, or one connection of it.
type connection interface{ Pipeline() goredis.Pipeliner }

// lookPlain reads the token under key, and whether had, which was there before, has a
// tombstone. A nil connection means the client of the server that has key.
func (s *Store) lookPlain(ctx context.Context, on connection, key string, had store.Token, losses bool) (reading, look, error) {
	bare := false // a value beside the token is too long to be read
	for range plainTries {
		if s.refuses(rights.Ranges) {
			if long, err := s.isLong(ctx, on, key); err != nil {
				return reading{}, look{}, err
			} else if long {
				return tooLongReading(), look{lost: store.UnknownLosses}, nil
			}
		}
		at := time.Now()
		p, err := call(ctx, s, func(ctx context.Context) (*plain, error) {
			via, err := s.via(ctx, on, key)
			if err != nil {
				return nil, err
			}
			p, sent := s.newPlain(ctx, key, had, losses, bare), via.Pipeline()
			_ = sent.BatchProcess(ctx, p.commands...)
			_, err = sent.Exec(ctx)
			answered := slices.ContainsFunc(p.commands, func(c goredis.Cmder) bool { return c.Err() != nil })
			if err != nil && (!answered || !rights.IsReply(err) && !errors.Is(err, goredis.Nil)) {
				return nil, err
			}
			return p, nil
		})
		if isTooLong(err) && !bare {
			bare = true
			continue
		}
		if isTooLong(err) {
			return tooLongReading(), look{lost: store.UnknownLosses}, nil
		}
		if err != nil {
			return reading{}, look{}, err
		}
		r, l, whole, err := s.readingOf(ctx, p)
		if err != nil || whole {
			r.at = at
			return r, l, err
		}
	}
	return reading{}, look{}, errChanging
}

// readingOf reads the replies. whole is false if the token changed in between.
func (s *Store) readingOf(ctx context.Context, p *plain) (r reading, l look, whole bool, err error) {
	value, err := textOf(p.value)
	again, againErr := textOf(p.again)
	err = cmp.Or(err, againErr)
	// Before the others, which GETRANGE reads too: GET may do for them as well. The right was
	// perhaps noted since, by the reading of another key.
	if rights.IsForbidden(err) && !isOutOfReach(err) && p.value.Name() == "getrange" {
		s.refused(ctx, rights.Ranges, err)
		return r, l, false, nil
	}
	if err = cmp.Or(err, p.ttl.Err()); err != nil { // what else is refused says nothing: it may be busy
		return r, l, false, redissaid.Scrub(err)
	}
	for _, c := range []struct {
		right rights.Right
		cmd   goredis.Cmder
		asked bool
	}{
		{rights.Statistics, p.lost, p.lost != nil}, {rights.Statistics, p.lostNow, p.lostNow != nil}, {rights.Metadata, p.fields, p.fields != nil},
		{rights.Stamps, p.stamp, p.stamp != nil}, {rights.Tombstones, p.buried, p.buried != nil},
	} {
		if !c.asked {
			continue
		}
		switch err := c.cmd.Err(); {
		case err == nil, errors.Is(err, goredis.Nil), isWrongType(err):
		case rights.IsReply(err) && !rights.IsBusy(err):
			s.refused(ctx, c.right, err)
		default:
			return r, l, false, redissaid.Scrub(err)
		}
	}
	if p.ttl.Val() == notSent {
		return r, l, false, errNotSent
	}
	r = reading{value: value, wrongType: isWrongType(p.value.Err()), ttl: p.ttl.Val()}
	if p.fields != nil {
		r.metadata = record.New(p.fields.Val())
	}
	if p.stamp != nil && p.stamp.Err() == nil {
		r.stamp, r.stampTTL = p.stamp.Val(), p.stampTTL.Val()
	}
	l.lost, l.now = store.UnknownLosses, store.UnknownLosses
	if p.lost != nil {
		l.lost, l.now = answer.Losses(p.lost.Val()), answer.Losses(p.lostNow.Val())
	}
	if p.buried != nil {
		l.buried = p.buried.Val() != "" || isWrongType(p.buried.Err())
	}
	return r, l, value == again && isWrongType(p.value.Err()) == isWrongType(p.again.Err()), nil
}

// textOf returns a value, "" if there is none or it is not a string.
func textOf(c *goredis.StringCmd) (string, error) {
	switch err := c.Err(); {
	case err == nil:
		return c.Val(), nil
	case errors.Is(err, goredis.Nil), isWrongType(err):
		return "", nil
	default:
		return "", err
	}
}

// tooLongReading is the reading of a value that was not read because of its length.
func tooLongReading() reading { return reading{at: time.Now(), long: true, ttl: 1} }

// isTooLong reports whether a connection of store/redis/dial has refused to read a reply
// because of its length.
func isTooLong(err error) bool {
	var c interface{ TooLong() bool }
	return errors.As(err, &c) && c.TooLong()
}

// isLong reports whether a value is longer than a token may be, by STRLEN, where GETRANGE is
// refused. It is false if STRLEN is refused too.
func (s *Store) isLong(ctx context.Context, on connection, key string) (bool, error) {
	if s.refuses(rights.Lengths) {
		return false, nil
	}
	n, err := call(ctx, s, func(ctx context.Context) (int64, error) {
		via, err := s.via(ctx, on, key)
		if err != nil {
			return 0, err
		}
		p := via.Pipeline()
		n := p.StrLen(ctx, key)
		pipe.Exec(ctx, p)
		return n.Result()
	})
	switch {
	case isWrongType(err), isOutOfReach(err):
		return false, nil
	case rights.IsForbidden(err):
		s.refused(ctx, rights.Lengths, err)
		return false, nil
	}
	return n > store.MaxTokenBytes, err
}

// via returns on, or else the client of the server that has key: one exchange goes to one
// server.
func (s *Store) via(ctx context.Context, on connection, key string) (connection, error) {
	if on != nil {
		return on, nil
	}
	switch client := s.cfg.Client.(type) {
	case *goredis.ClusterClient:
		return client.MasterForKey(ctx, key)
	case *goredis.Ring:
		return client.GetShardClientForKey(key)
	}
	return s.cfg.Client, nil
}
