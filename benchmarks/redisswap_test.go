package benchmarks

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/store"
)

// leastSwap compares a token and replaces it, and sameSwap writes in addition what the library
// writes: the metadata and the timestamp.
var (
	leastSwap = goredis.NewScript(`if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1 end return 0`)
	sameSwap  = goredis.NewScript(`if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[2], 'token', ARGV[4], 'identity', '', 'shift_ms', '110000', 'issued_ms', ARGV[5])
  redis.call('PEXPIRE', KEYS[2], ARGV[3])
  redis.call('SET', KEYS[3], ARGV[6], 'PX', ARGV[3])
  return 1
end
return 0`)
)

// BenchmarkRedisSwap is a token replaced by the next one, call by call: by CompareAndSwap, by
// the least script that could do it, by one that writes the same keys, and by a CompareAndSwap
// that also checks that the token there is not another identity's, as the door's does.
func BenchmarkRedisSwap(b *testing.B) {
	defer tellSkip(b)
	addr := redisAddr(b)
	rdb := redisClient(b, addr)
	var toks [2]store.Token
	for i := range toks {
		now := time.Now()
		toks[i] = must(store.NewToken(fmt.Sprint(tokenText, i), now, now.Add(50*time.Minute)))
	}
	// next returns the token that is there and the next one, and makes that the one there.
	next := func() func() (old, tok store.Token) {
		i := 0
		return func() (old, tok store.Token) {
			i++
			return toks[(i+1)%2], toks[i%2]
		}
	}
	ours := func(name, key string, identity func(string) string) turn {
		s := redisAlone(b, addr, identity)
		_ = must(s.CompareAndSwap(b.Context(), key, store.Token{}, toks[0]))
		pair := next()
		return turn{name, func(ctx context.Context) error {
			old, tok := pair()
			stands, err := s.CompareAndSwap(ctx, key, old, tok)
			if err == nil && !stands.Equal(tok) {
				err = fmt.Errorf("another token stands")
			}
			return err
		}}
	}
	script := func(name string, script *goredis.Script, more ...any) turn {
		must(rdb.Set(b.Context(), name, toks[0].Reveal(), time.Hour).Result())
		keys, pair := []string{name, "{" + name + "}:meta", name + "_timestamp"}, next()
		return turn{name, func(ctx context.Context) error {
			old, tok := pair()
			n, err := script.Run(ctx, rdb, keys, append([]any{old.Reveal(), tok.Reveal(), 3000000}, more...)...).Int()
			if err == nil && n != 1 {
				err = fmt.Errorf("another token was there")
			}
			return err
		}}
	}
	takeTurns(b,
		ours("swap", tokenKey, nil),
		script("least", leastSwap),
		script("same", sameSwap, fmt.Sprintf("%064d", 1), 1770456229123, "2026-02-07T09:23:49.123456"),
		ours("with-identity", "other", func(string) string { return "identity" }),
		pingRaw(b, addr))
}

func medianOf[T cmp.Ordered](all []T) T {
	slices.Sort(all)
	return all[len(all)/2]
}
