package sealed_test

import (
	"encoding/base64"
	"errors"
	"log/slog"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/sealed"
)

const (
	name  = "advoware_sealed_token"
	older = "swordfish and 14 more bytes; old" // two keys of a ring
	newer = "swordfish and 14 more bytes; new"
)

// ringOf makes a key ring of 32-byte texts.
func ringOf(t testing.TB, raw ...string) []sealed.Key {
	t.Helper()
	var keys []sealed.Key
	for _, r := range raw {
		key, err := sealed.ParseKey(base64.StdEncoding.EncodeToString([]byte(r)))
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	return keys
}

func mustNew(t testing.TB, cfg sealed.Config) *sealed.Store {
	t.Helper()
	s, err := sealed.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// around puts a sealed store with these keys around inner.
func around(t testing.TB, inner store.Store, raw ...string) *sealed.Store {
	t.Helper()
	return mustNew(t, sealed.Config{Store: inner, Keys: ringOf(t, raw...)})
}

func token(t testing.TB, text string) store.Token {
	t.Helper()
	now := time.Now()
	tok, err := store.NewToken(text, now, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// put stores tok in place of old, whatever kind of store it is.
func put(t testing.TB, s store.Store, old, tok store.Token) {
	t.Helper()
	if got, err := s.CompareAndSwap(t.Context(), name, old, tok); err != nil || !got.Equal(tok) {
		t.Fatalf("CompareAndSwap(%v, %v) = %v, %v", old, tok, got, err)
	}
}

// at returns what is there, in the form in which it is there if s is an inner store.
func at(t testing.TB, s store.Store) store.Token {
	t.Helper()
	tok, err := s.Get(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func wantHolds(t testing.TB, s store.Store, want store.Token) {
	t.Helper()
	if got, err := s.Get(t.Context(), name); err != nil || !got.Equal(want) {
		t.Errorf("Get = %v, %v; want %v", got, err, want)
	}
}

// wantGone wants that nothing at all is there.
func wantGone(t testing.TB, s store.Store) {
	t.Helper()
	if got, err := s.Get(t.Context(), name); !errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrUnusable) {
		t.Errorf("Get = %v, %v; want nothing there", got, err)
	}
}

// wantUnopened wants a miss, and that the store counts it as what it is.
func wantUnopened(t testing.TB, s *sealed.Store, want sealed.Stats) {
	t.Helper()
	before := s.Stats()
	got, err := s.Get(t.Context(), name)
	if !got.IsZero() || !errors.Is(err, store.ErrNotFound) || !errors.Is(err, store.ErrUnusable) {
		t.Errorf("Get = %v, %v; want none, and an error that matches ErrNotFound and ErrUnusable", got, err)
	}
	now := s.Stats()
	counted := sealed.Stats{
		NotSealed: now.NotSealed - before.NotSealed, UnknownKey: now.UnknownKey - before.UnknownKey,
		Broken: now.Broken - before.Broken, TooLong: now.TooLong - before.TooLong,
	}
	if counted != want {
		t.Errorf("counted %+v, want %+v", counted, want)
	}
}

// newRedis returns a store on the server at addr, and a client of its own that is
// more patient than a program would be: a busy test machine is not a Redis that
// hangs.
func newRedis(t testing.TB, addr string, cfg redisstore.Config) *redisstore.Store {
	t.Helper()
	o := redisstore.Options(addr)
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = time.Minute, time.Minute, time.Minute, time.Minute
	client := goredis.NewClient(o)
	t.Cleanup(func() { _ = client.Close() })
	cfg.Client, cfg.Timeout, cfg.Logger = client, time.Minute, slog.New(slog.DiscardHandler)
	s, err := redisstore.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
