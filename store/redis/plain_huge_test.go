package redis_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redisconn"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// What somebody puts beside a token, however large and of whatever type, neither hides the
// token nor keeps another one out, nor makes the server copy it.
func TestHugeKeysBesideAToken(t *testing.T) {
	t.Parallel()
	const size = "134217728"
	tok, next := token(t, "the-token", 40*time.Minute), token(t, "the-next", 50*time.Minute)
	grave := "{" + tokenKey + "}:gone:" + hashed("token", tok.Reveal())
	for name, poison := range map[string][]string{
		"metadata, a huge field":      {"HSET", metadataKey, "identity", strings.Repeat("x", 5<<20)},
		"metadata, many fields":       {"EVAL", "for i = 1, 200000 do redis.call('HSET', KEYS[1], 'f' .. i, i) end", "1", metadataKey},
		"metadata, a huge string":     {"SETRANGE", metadataKey, size, "x"},
		"metadata, a stream":          {"XADD", metadataKey, "*", "x", "y"},
		"timestamp, a huge string":    {"SETRANGE", stampKey, size, "x"},
		"timestamp, a hash":           {"HSET", stampKey, "x", "y"},
		"tombstone, a huge string":    {"SETRANGE", grave, size, "x"},
		"tombstone, a stream":         {"XADD", grave, "*", "x", "y"},
		"tombstone, for ever":         {"SET", grave, "1"},
		"lease, a huge string":        {"SETRANGE", leaseKey, size, "x"},
		"lease, a stream":             {"XADD", leaseKey, "*", "x", "y"},
		"failure, a huge string":      {"SETRANGE", failedKey, size, "x"},
		"failure, many fields":        {"EVAL", "for i = 1, 200000 do redis.call('HSET', KEYS[1], 'f' .. i, i) end", "1", failedKey},
		"refusals, a huge string":     {"SETRANGE", refusedKey, size, "x"},
		"refusals, a stream":          {"XADD", refusedKey, "*", "x", "y"},
		"all tombstones, for nothing": {"EVAL", "for i = 1, 20000 do redis.call('SET', KEYS[1] .. i, i) end", "1", "{" + tokenKey + "}:gone:"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := redistest.Start(t)
			dialer := redisconn.New(redisconn.Config{})
			t.Cleanup(func() { _ = dialer.Close() })
			o := patient(srv.Addr())
			o.Dialer = dialer.DialContext
			s := mustNew(t, redisstore.Config{Client: newClient(t, o), ClientHonoursDeadlines: true})
			l, err := redisstore.NewLease(redisstore.LeaseConfig{Store: s})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = l.Close() })
			srv.Do("SET", tokenKey, "the-token", "EX", "2000")
			if got, bad := srv.Do(poison...).(redistest.Error); bad {
				t.Fatal(got)
			}
			peak := func() (n int) {
				for line := range strings.Lines(fmt.Sprint(srv.Do("INFO", "memory"))) {
					_, _ = fmt.Sscanf(line, "used_memory_peak:%d", &n)
				}
				return n
			}
			before := peak()
			for range 2 {
				if got, err := s.Get(t.Context(), tokenKey); err != nil || !got.Equal(tok) {
					t.Fatalf("Get = %v, %v", got, err)
				}
				if got, _, err := s.Look(t.Context(), tokenKey, tok, 0); err != nil || !got.Equal(tok) {
					t.Errorf("Look = %v, %v", got, err)
				}
			}
			outcome, err := l.Acquire(t.Context(), tokenKey, lease.Ask{Credentials: "pass-1", Old: tok})
			if err != nil || outcome.Release == nil {
				t.Fatalf("Acquire = %+v, %v", outcome, err)
			}
			if got, err := s.CompareAndSwap(t.Context(), tokenKey, tok, next); err != nil || !got.Equal(next) {
				t.Errorf("CompareAndSwap = %v, %v", got, err)
			}
			outcome.Release(nil)
			if err := s.CompareAndDelete(t.Context(), tokenKey, next); err != nil {
				t.Errorf("CompareAndDelete: %v", err)
			}
			if _, err := s.Restore(t.Context(), tokenKey, store.Token{}, next); !errors.Is(err, store.ErrDeleted) {
				t.Errorf("Restore: %v", err)
			}
			// A token that is fetched is stored, whatever says that it is gone, and restored.
			if got, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil || !got.Equal(tok) {
				t.Errorf("CompareAndSwap = %v, %v", got, err)
			}
			srv.Do("RENAME", tokenKey, "elsewhere")
			if got, err := s.Restore(t.Context(), tokenKey, store.Token{}, tok); err != nil || !got.Equal(tok) {
				t.Errorf("Restore = %v, %v", got, err)
			}
			if n := peak() - before; n > 64<<20 {
				t.Errorf("the server has copied %d bytes", n)
			}
		})
	}
}
