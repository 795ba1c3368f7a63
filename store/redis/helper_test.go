package redis_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

const (
	tokenKey    = "advoware_access_token"
	stampKey    = "advoware_token_timestamp"
	metadataKey = "{advoware_access_token}:meta"

	// What the defaults make of a token: see protocol.
	margin     = 110 * time.Second
	sharedLife = 3180 * time.Second
	longest    = 55*time.Minute - 10*time.Second
)

// newStore returns a store with a client of its own on srv.
func newStore(t testing.TB, srv *redistest.Server, cfg redisstore.Config) *redisstore.Store {
	t.Helper()
	cfg.Client, cfg.ClientHonoursDeadlines = newClient(t, patient(srv.Addr())), true
	return mustNew(t, cfg)
}

// patient returns our options without the haste: a busy test machine is not a
// Redis that hangs.
func patient(addr string) *goredis.Options {
	o := redisstore.Options(addr)
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = time.Minute, time.Minute, time.Minute, time.Minute
	return o
}

func newClient(t testing.TB, o *goredis.Options) *goredis.Client {
	t.Helper()
	c := goredis.NewClient(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func mustNew(t testing.TB, cfg redisstore.Config) *redisstore.Store {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = time.Minute
	}
	s, err := redisstore.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// token returns one that was issued now and ends after life.
func token(t testing.TB, text string, life time.Duration) store.Token {
	t.Helper()
	now := time.Now()
	tok, err := store.NewToken(text, now, now.Add(life))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// python plays the service in another language, which knows two keys and nothing
// of us.
type python struct {
	t   testing.TB
	srv *redistest.Server
}

func (p python) get() any { return p.srv.Do("GET", tokenKey) }

func (p python) set(text, stamp string) {
	p.t.Helper()
	for _, args := range [][]string{
		{"SET", tokenKey, text, "EX", "3180"},
		{"SET", stampKey, stamp, "EX", "3180"},
	} {
		if reply := p.srv.Do(args...); reply != "OK" {
			p.t.Fatalf("%s %s: %v", args[0], args[1], reply)
		}
	}
}

func pttl(t testing.TB, srv *redistest.Server, key string) time.Duration {
	t.Helper()
	ms, ok := srv.Do("PTTL", key).(int64)
	if !ok {
		t.Fatalf("PTTL %s: not a number", key)
	}
	return time.Duration(ms) * time.Millisecond
}

// wantNear checks an instant that depends on how long the test takes. Half a
// minute is a very slow machine, and less than any of our margins.
func wantNear(t testing.TB, what string, got, want time.Time) {
	t.Helper()
	if got.Sub(want).Abs() > 30*time.Second {
		t.Errorf("%s %v; want about %v", what, got, want)
	}
}

// wantTTLs checks that no key lasts for ever.
func wantTTLs(t testing.TB, srv *redistest.Server) {
	t.Helper()
	keys, _ := srv.Do("KEYS", "*").([]any)
	for _, key := range keys {
		if ttl := pttl(t, srv, key.(string)); ttl < 0 {
			t.Errorf("%s has no TTL", key)
		}
	}
}

// wantQuiet checks that neither an error nor anything in it shows a secret,
// however it is printed.
func wantQuiet(t testing.TB, err error, secret string) {
	t.Helper()
	for e := err; e != nil; {
		for _, verb := range []string{"%v", "%+v", "%#v", "%q"} {
			if text := fmt.Sprintf(verb, e); strings.Contains(text, secret) {
				t.Errorf("%s of %T shows the secret: %s", verb, e, text)
			}
		}
		u, ok := e.(interface{ Unwrap() error })
		if !ok {
			return
		}
		e = u.Unwrap()
	}
}
