package redis

import (
	"cmp"
	"context"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/rediskey"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/redis/internal/record"
)

// readTransaction has the commands that read a token, in one transaction. Making them costs
// as much as sending them, so it is reused.
type readTransaction struct {
	key      string
	value    *goredis.StringCmd
	ttl      *goredis.IntCmd
	fields   *goredis.SliceCmd
	stamp    *goredis.StringCmd // among the commands if there is one server
	stampTTL *goredis.IntCmd
	commands []goredis.Cmder
}

func (s *Store) newReadTransaction(key string) *readTransaction {
	ctx := context.Background() // a transaction does not use the context of its commands
	q := &readTransaction{
		key: key,
		// GETRANGE keeps a huge value on the server.
		value:  goredis.NewStringCmd(ctx, "getrange", key, 0, store.MaxTokenBytes),
		ttl:    goredis.NewIntCmd(ctx, "pttl", key), // not a DurationCmd, which overflows on a huge one
		fields: goredis.NewSliceCmd(ctx, metadataCommand(key)...),
		stamp:  goredis.NewStringCmd(ctx, "getrange", rediskey.Timestamp(key), 0, record.MaxTimestamp),

		stampTTL: goredis.NewIntCmd(ctx, "pttl", rediskey.Timestamp(key)),
	}
	q.commands = []goredis.Cmder{q.value, q.ttl, q.fields}
	if s.single {
		q.commands = append(q.commands, q.stamp, q.stampTTL)
	}
	return q
}

// metadataCommand is the command that reads the metadata.
func metadataCommand(key string) []any {
	args := []any{"hmget", rediskey.Metadata(key)}
	for _, field := range record.Fields {
		args = append(args, field)
	}
	return args
}

// transactionFor returns a transaction that no other goroutine uses. A client that does not
// honour deadlines may use the commands after the call, so it gets new ones each time.
func (s *Store) transactionFor(key string) *readTransaction {
	if s.cfg.ClientHonoursDeadlines {
		if q, ok := s.reads.Get().(*readTransaction); ok && q.key == key {
			return q
		}
	}
	return s.newReadTransaction(key)
}

// recycle keeps the transaction for the next Get, without its replies.
func (s *Store) recycle(q *readTransaction) {
	if !s.cfg.ClientHonoursDeadlines {
		return
	}
	q.value.SetVal("")
	q.fields.SetVal(nil)
	q.stamp.SetVal("")
	for _, c := range q.commands {
		c.SetErr(nil)
	}
	s.reads.Put(q)
}

// failure returns why there is no result, given the error of the transaction. A token key or
// metadata of the wrong type is a result.
func (q *readTransaction) failure(err error) error {
	aborted := goredis.HasErrorPrefix(err, "EXECABORT") // because of a command, whose own error says more
	if err != nil && !isWrongType(err) && !aborted {
		return err
	}
	for _, c := range q.commands {
		if err := c.Err(); err != nil && !isWrongType(err) && !goredis.HasErrorPrefix(err, "EXECABORT") {
			return err
		}
	}
	if q.ttl.Val() == notSent {
		return cmp.Or(err, errNotSent)
	}
	return nil
}
