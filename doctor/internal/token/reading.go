package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/internal/number"
	"github.com/advoware-go/advoware/internal/rediskey"
	"github.com/advoware-go/advoware/store"
)

const maxStamp = 64 // bytes of a timestamp that are read

// reading is what is under the keys of a token, as far as this user may see it.
type reading struct {
	at      time.Time
	value   text // at most one byte more than a token may have
	ttl     int64
	ttlErr  error
	fields  []string // token, identity, shift_ms, issued_ms
	metaErr error
	metaTTL int64
	stamp   text
	stampMS int64 // its TTL
	removed bool  // the token was deleted by one of our processes
}

// text is a string of Redis, or why there is none.
type text struct {
	is  string
	err error
}

func (t text) wrongType() bool { return goredis.HasErrorPrefix(t.err, "WRONGTYPE") }

const (
	noTTL = -1 // as PTTL says it
	noKey = -2
)

// read reads everything in two exchanges: the timestamp is in another slot of a Cluster, and
// the tombstone has the name of the token. If somebody has put something huge into the
// metadata, the rest is read without it.
func read(ctx context.Context, cfg Config) (*reading, error) {
	r := &reading{at: time.Now()}
	fields := []any{"hmget", rediskey.Metadata(cfg.Key), "token", "identity", "shift_ms", "issued_ms"}
	ask := func() ([]*goredis.Cmd, error) {
		return pipeline(ctx, cfg,
			[]any{"getrange", cfg.Key, 0, store.MaxTokenBytes}, []any{"pttl", cfg.Key},
			fields, []any{"pttl", rediskey.Metadata(cfg.Key)},
			[]any{"getrange", rediskey.Timestamp(cfg.Key), 0, maxStamp}, []any{"pttl", rediskey.Timestamp(cfg.Key)},
		)
	}
	sent, err := ask()
	long := err
	if link.TooLong(err) {
		fields = []any{"hmget", rediskey.Metadata(cfg.Key), ""} // a field that nobody has
		sent, err = ask()
	}
	if err != nil {
		return nil, err
	}
	r.value = cfg.text(sent[0])
	r.ttl, r.ttlErr = cfg.number(sent[1])
	r.fields, r.metaErr = cfg.texts(sent[2])
	if long != nil && r.metaErr == nil {
		r.metaErr = long
	}
	r.metaTTL, _ = cfg.number(sent[3])
	r.stamp = cfg.text(sent[4])
	r.stampMS, _ = cfg.number(sent[5])
	again := []any{"get", cfg.Key}
	denied := link.Denied(r.value.err)
	if !denied {
		again = []any{"pttl", rediskey.Tombstone(cfg.Key, r.value.is)}
	}
	if sent, err = pipeline(ctx, cfg, again); err != nil {
		return nil, err
	}
	if denied { // of the two commands one may be permitted
		r.value = cfg.text(sent[0])
	} else {
		tomb, err := cfg.number(sent[0])
		r.removed = err == nil && tomb != noKey && r.value.is != ""
	}
	return r, nil
}

// absent reports whether there is nothing under the key.
func (r *reading) absent() bool {
	return r.value.is == "" && !r.value.wrongType() && (r.ttlErr == nil && r.ttl == noKey || errors.Is(r.value.err, goredis.Nil))
}

// pipeline sends commands together. The error is for all of them.
func pipeline(ctx context.Context, cfg Config, cmds ...[]any) ([]*goredis.Cmd, error) {
	return link.Do(ctx, cfg.Link, func(ctx context.Context, client goredis.UniversalClient) ([]*goredis.Cmd, error) {
		var sent []*goredis.Cmd
		_, err := client.Pipelined(ctx, func(p goredis.Pipeliner) error {
			for _, args := range cmds {
				sent = append(sent, p.Do(ctx, args...))
			}
			return nil
		})
		if reply := goredis.Error(nil); errors.As(err, &reply) {
			err = nil // each command has its own
		}
		return sent, err
	})
}

func (cfg Config) text(cmd *goredis.Cmd) text {
	is, err := cmd.Text()
	return text{is, cfg.Link.Clean(err)}
}

func (cfg Config) number(cmd *goredis.Cmd) (int64, error) {
	n, err := cmd.Int64()
	return n, cfg.Link.Clean(err)
}

// texts reads a list, in which what is missing is empty.
func (cfg Config) texts(cmd *goredis.Cmd) ([]string, error) {
	list, err := cmd.Slice()
	fields := make([]string, 4)
	for i := range min(len(list), len(fields)) {
		fields[i], _ = list[i].(string)
	}
	return fields, cfg.Link.Clean(err)
}

// lasts looks at the TTL.
func (r *reading) lasts(cfg Config) check.Check {
	longest := cfg.Margins.SharedLife(cfg.Lifetime)
	want := "a TTL of at most " + seconds(longest)
	switch {
	case r.ttlErr != nil:
		t := link.Of(r.ttlErr)
		return group.Failure(ttl, t.Saw, want, "grant +pttl: a token whose end is not known is not used")
	case r.ttl == noTTL:
		return group.Warning(ttl, "none: it would stay for ever, and is not used", want, "the program that writes it has to set one: SET "+link.Printable(cfg.Key, maxText)+" … EX "+fmt.Sprint(int64(longest/time.Second)))
	case r.ttl == noKey:
		return group.OK(ttl, "it has just ended")
	}
	has := number.Duration(r.ttl, time.Millisecond)
	saw := seconds(has) + " left"
	if has > longest+cfg.Margins.Margin {
		return group.Warning(ttl, saw+", which is more than a token lasts", want, "correct the program that writes it; it is believed to last "+seconds(cfg.Margins.Life(cfg.Lifetime))+" at most")
	}
	return group.OK(ttl, saw)
}
