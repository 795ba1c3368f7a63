package benchmarks

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// reader gets a token and how long it still lives from Redis.
type reader func(context.Context) (text string, left time.Duration, err error)

// readers are the values of impl=. The library reads more than value and TTL: the
// companion key, which tells whose token it is, and the time of issue. So the same
// five commands within MULTI and EXEC by bare go-redis stand beside it, and those who
// read less.
var readers = []struct {
	name string
	open func(tb testing.TB, addr string) reader
}{
	{"advoware", readStore},
	{"go-redis/commands=same", readSame},
	{"go-redis/commands=get+pttl", readPair},
	{"go-redis/commands=get,pttl", readTwice},
	{"rueidis/commands=get+pttl", readRueidis},
	{"raw/commands=get+pttl", readRaw},
}

// BenchmarkRedisGet is a token and its TTL from Redis, on a connection that stands.
// "+" is one round trip, "," is two; trips/op is how many the server counted (what it
// read). impl=raw is the floor: the same bytes written and read by hand.
func BenchmarkRedisGet(b *testing.B) {
	defer tellSkip(b)
	server := redistest.Start(b)
	addr, counts := server.Addr(), server.Dial()
	seedRedis(b, addr)
	for _, r := range readers {
		b.Run("impl="+r.name, func(b *testing.B) {
			read := r.open(b, addr)
			if _, _, err := read(b.Context()); err != nil { // connects
				b.Fatal(err)
			}
			before := trafficOf(counts)
			stop := measure(b)
			for b.Loop() {
				if _, _, err := read(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			stop()
			b.ReportMetric(float64(trafficOf(counts).trips-before.trips)/float64(b.N), "trips/op")
		})
	}
}

// BenchmarkRedisGetTurns is a Get and the same commands, call by call. impl=raw of
// BenchmarkRedisGet reads less; the floor here is a ping.
func BenchmarkRedisGetTurns(b *testing.B) {
	defer tellSkip(b)
	addr := redisAddr(b)
	seedRedis(b, addr)
	of := func(name string, read reader) turn {
		return turn{name, func(ctx context.Context) error { _, _, err := read(ctx); return err }}
	}
	takeTurns(b, of("get", readStore(b, addr)), of("same", readSame(b, addr)), pingRaw(b, addr))
}

// BenchmarkRedisGetAllocs fails if a Get makes more than two allocations more than the
// same commands do by themselves. It makes fewer, for it uses its commands again.
func BenchmarkRedisGetAllocs(b *testing.B) {
	defer tellSkip(b)
	const limit = 2
	addr := redisAddr(b)
	seedRedis(b, addr)
	count := func(read reader) float64 {
		return testing.AllocsPerRun(200, func() {
			if _, _, err := read(b.Context()); err != nil {
				b.Fatal(err)
			}
		})
	}
	get := readStore(b, addr)
	added := count(get) - count(readSame(b, addr))
	if added > limit {
		b.Fatalf("%v allocations more than the same commands; want at most %d", added, limit)
	}
	defer b.ReportMetric(added, "added-allocs/op")
	defer measure(b)()
	for b.Loop() {
		_, _, _ = get(b.Context())
	}
}

// seedRedis stores a token as the library does.
func seedRedis(tb testing.TB, addr string) {
	s := must(redisstore.New(redisstore.Config{Client: redisClient(tb, addr), Logger: quiet()}))
	tok := must(new(gateway).fetch(tb.Context()))
	_ = must(s.CompareAndSwap(tb.Context(), tokenKey, store.Token{}, tok))
}

func readStore(tb testing.TB, addr string) reader {
	s := redisAlone(tb, addr, nil)
	return func(ctx context.Context) (string, time.Duration, error) {
		tok, err := s.Get(ctx, tokenKey)
		return tok.Reveal(), time.Until(tok.Expiry()), err
	}
}

// redisAlone is a Store whose operations may take longer than those of its client, as with
// the options that the library suggests: then it is the client that sets the deadlines of its
// connections, here and in what stands beside it.
func redisAlone(tb testing.TB, addr string, identity func(string) string) *redisstore.Store {
	return must(redisstore.New(redisstore.Config{
		Client: redisClient(tb, addr), ClientHonoursDeadlines: true, Timeout: time.Minute, Identity: identity, Logger: quiet(),
	}))
}

func readSame(tb testing.TB, addr string) reader {
	rdb := redisClient(tb, addr)
	return func(ctx context.Context) (string, time.Duration, error) {
		tx := rdb.TxPipeline()
		text := tx.GetRange(ctx, tokenKey, 0, store.MaxTokenBytes)
		left := tx.PTTL(ctx, tokenKey)
		tx.HMGet(ctx, "{"+tokenKey+"}:meta", "token", "identity", "shift_ms", "issued_ms")
		tx.GetRange(ctx, "advoware_token_timestamp", 0, 64)
		tx.PTTL(ctx, "advoware_token_timestamp")
		_, err := tx.Exec(ctx)
		return text.Val(), left.Val(), err
	}
}

func readPair(tb testing.TB, addr string) reader {
	rdb := redisClient(tb, addr)
	return func(ctx context.Context) (string, time.Duration, error) {
		tx := rdb.TxPipeline()
		text, left := tx.Get(ctx, tokenKey), tx.PTTL(ctx, tokenKey)
		_, err := tx.Exec(ctx)
		return text.Val(), left.Val(), err
	}
}

func readTwice(tb testing.TB, addr string) reader {
	rdb := redisClient(tb, addr)
	return func(ctx context.Context) (string, time.Duration, error) {
		text, err := rdb.Get(ctx, tokenKey).Result()
		if err != nil {
			return "", 0, err
		}
		left, err := rdb.PTTL(ctx, tokenKey).Result()
		return text, left, err
	}
}

func readRueidis(tb testing.TB, addr string) reader {
	rdb := must(rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{addr}, SelectDB: redisstore.DefaultDB, DisableCache: true}))
	tb.Cleanup(rdb.Close)
	return func(ctx context.Context) (string, time.Duration, error) {
		replies := rdb.DoMulti(ctx,
			rdb.B().Multi().Build(), rdb.B().Get().Key(tokenKey).Build(), rdb.B().Pttl().Key(tokenKey).Build(), rdb.B().Exec().Build())
		pair, err := replies[3].ToArray()
		if err != nil || len(pair) != 2 {
			return "", 0, fmt.Errorf("%v, %w", pair, err)
		}
		text, _ := pair[0].ToString()
		left, err := pair[1].AsInt64()
		return text, time.Duration(left) * time.Millisecond, err
	}
}

// readRaw knows what the answer looks like.
func readRaw(tb testing.TB, addr string) reader {
	conn := must(net.Dial("tcp", addr))
	tb.Cleanup(func() { _ = conn.Close() })
	in := bufio.NewReader(conn)
	line := func(want string) string {
		text := must(in.ReadString('\n'))
		if !strings.HasPrefix(text, want) {
			tb.Fatalf("Redis says %q", text)
		}
		return strings.TrimSpace(text[len(want):])
	}
	must(io.WriteString(conn, "SELECT "+strconv.Itoa(redisstore.DefaultDB)+"\r\n"))
	line("+OK")
	request := []byte("MULTI\r\nGET " + tokenKey + "\r\nPTTL " + tokenKey + "\r\nEXEC\r\n")
	return func(context.Context) (string, time.Duration, error) {
		if _, err := conn.Write(request); err != nil {
			return "", 0, err
		}
		for _, want := range []string{"+OK", "+QUEUED", "+QUEUED", "*2", "$"} {
			line(want)
		}
		text := line("")
		left, err := strconv.Atoi(line(":"))
		return text, time.Duration(left) * time.Millisecond, err
	}
}
