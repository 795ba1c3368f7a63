package tiered_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	rediswatch "github.com/advoware-go/advoware/internal/watch"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/tiered"
)

const metadataKey = "{" + key + "}:meta"

// proc is what a process has between its client and Redis.
type proc struct {
	*tiered.Store
	near *memory.Store
	far  *redisstore.Store
	log  *logged
}

// process returns one that follows the key over a connection to addr, which may be that
// of a proxy, as user ("" for the default one).
func process(t *testing.T, addr, user string) *proc {
	t.Helper()
	// A server that is well answers within this on a busy machine too, and not within 250 ms.
	const patience = 5 * time.Second
	return processWaiting(t, addr, user, patience, patience)
}

// processWaiting is process with so long for each exchange, and for a call.
func processWaiting(t *testing.T, addr, user string, exchange, call time.Duration) *proc {
	t.Helper()
	o := redisstore.Options(addr)
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = exchange, exchange, exchange
	if o.Username = user; user != "" {
		o.Password = "s3cret"
	}
	client := goredis.NewClient(o)
	t.Cleanup(func() { client.Close() })
	p := &proc{log: new(logged)}
	logger := slog.New(slog.NewTextHandler(p.log, nil))
	var err error
	if p.far, err = redisstore.New(redisstore.Config{Client: client, ClientHonoursDeadlines: true, Logger: logger}); err != nil {
		t.Fatal(err)
	}
	if p.near, err = memory.New(memory.Config{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.near.Close() })
	w, err := rediswatch.New(rediswatch.Config{Client: client, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	cfg := tiered.Config{Near: p.near, Far: p.far, Shared: p.far, Many: p.far, Watch: w, FarWait: call, BreakerTimeout: 300 * time.Millisecond, Logger: logger}
	if p.Store, err = tiered.New(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	t.Cleanup(p.Follow(key, nil))
	eventually(t, "changes are pushed", func() bool { return w.Stats().Pushing })
	return p
}

// has reports whether near holds that token, "" meaning none.
func (p *proc) has(text string) bool {
	tok, _ := p.near.Get(context.Background(), key)
	return tok.Reveal() == text
}

// gets reports whether a call would use that token.
func (p *proc) gets(text string) bool {
	tok, _ := p.Get(context.Background(), key)
	return tok.Reveal() == text
}

func aged(t *testing.T, text string, age, life time.Duration) store.Token {
	t.Helper()
	now := time.Now()
	tok, err := store.NewToken(text, now.Add(-age), now.Add(life))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func evictions(srv *redistest.Server) string {
	_, rest, _ := strings.Cut(fmt.Sprint(srv.Do("INFO", "stats")), "evicted_keys:")
	n, _, _ := strings.Cut(rest, "\r")
	return n
}

// fill writes other keys, and reads them often, until the server has evicted the token.
func fill(t *testing.T, srv *redistest.Server) {
	t.Helper()
	c := srv.Dial()
	for i := 0; i < 200_000; i++ {
		other := fmt.Sprintf("other:%d", i)
		if reply, err := c.Do("SET", other, strings.Repeat("x", 10_000), "EX", "100000"); err != nil || reply != "OK" {
			t.Fatal(reply, err)
		}
		_, _ = c.Do(append([]string{"TOUCH"}, slices.Repeat([]string{other}, 200)...)...)
		if i%5 == 0 {
			if n, _ := c.Do("EXISTS", key); n == int64(0) {
				return
			}
		}
	}
	t.Fatal("the token was never evicted")
}

// An eviction is no deletion, whatever the policy: the token is kept and written back.
func TestEvictedTokenIsKept(t *testing.T) {
	for _, policy := range []string{
		"allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
	} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t, "--maxmemory", "3mb", "--maxmemory-policy", policy, "--lfu-log-factor", "0")
			a, b := process(t, srv.Addr(), ""), process(t, srv.Addr(), "")
			tok := newToken(t, "a", time.Hour)
			swap(t, a, store.Token{}, tok)
			swap(t, b, store.Token{}, tok)
			for range 3 {
				fill(t, srv)
				eventually(t, "it is written back", func() bool { return srv.Do("GET", key) == "a" })
				for name, p := range map[string]*proc{"a": a, "b": b} {
					if !p.has("a") {
						t.Errorf("%s has dropped its token", name)
					}
				}
			}
		})
	}
}

// A server that evicts is not fought: a process writes its token back once a timeout of the breaker.
func TestEvictionIsNotFought(t *testing.T) {
	srv := redistest.Start(t, "--maxmemory", "3mb", "--maxmemory-policy", "allkeys-random")
	p := process(t, srv.Addr(), "")
	swap(t, p, store.Token{}, newToken(t, "a", time.Hour))
	began := time.Now()
	for range 8 {
		fill(t, srv)
		eventually(t, "it is written back", func() bool { return srv.Do("GET", key) == "a" })
	}
	if most := uint64(time.Since(began)/(300*time.Millisecond)) + 3; p.far.Stats().Writes > most {
		t.Errorf("%d writes, want at most %d", p.far.Stats().Writes, most)
	}
	if !p.has("a") {
		t.Error("the token was dropped")
	}
}

// A deletion on a server that may evict is a deletion.
func TestDeletionWhereEvictionIsPossibleIsADeletion(t *testing.T) {
	srv := redistest.Start(t, "--maxmemory", "3mb", "--maxmemory-policy", "allkeys-lru")
	p := process(t, srv.Addr(), "")
	swap(t, p, store.Token{}, newToken(t, "a", time.Hour))
	fill(t, srv)
	eventually(t, "it is written back", func() bool { return srv.Do("GET", key) == "a" })
	eventually(t, "that is noticed", func() bool { return p.far.Stats().Hits > 0 })
	settledEvictions(t, srv, p)
	srv.Do("DEL", key)
	eventually(t, "it is dropped", func() bool { return p.has("") })
	if n, _ := srv.Do("EXISTS", key).(int64); n != 0 {
		t.Error("it was written back")
	}
}

// settledEvictions waits until p has looked after the last eviction.
func settledEvictions(t *testing.T, srv *redistest.Server, p *proc) {
	t.Helper()
	before := evictions(srv)
	srv.Do("CONFIG", "SET", "maxmemory", "0")
	n := p.far.Stats().Hits
	srv.Do("PEXPIRE", key, "3000000") // a push
	eventually(t, "a look", func() bool { return p.far.Stats().Hits > n })
	if evictions(srv) != before {
		t.Fatal("evicted meanwhile")
	}
}
