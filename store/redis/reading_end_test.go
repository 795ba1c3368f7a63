package redis_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// Whoever says how long a token lasts, it is its metadata, its timestamp or its TTL: it
// ends a life after its issue at the latest, if that is known. One that has ended is a
// miss, and the next write replaces it.
func TestNoTokenOutlastsItsIssue(t *testing.T) {
	t.Parallel()
	const yesterday = 24 * time.Hour
	metadata := func(age time.Duration, shift string) func(*redistest.Server) {
		return func(srv *redistest.Server) {
			srv.Do("HSET", metadataKey, "token", tokenDigest("theirs"), "identity", "", "shift_ms", shift,
				"issued_ms", fmt.Sprint(time.Now().Add(-age).UnixMilli()))
		}
	}
	stamp := func(age time.Duration) func(*redistest.Server) {
		return func(srv *redistest.Server) {
			srv.Do("SET", stampKey, isoformat(time.Now().UTC().Add(-age)), "EX", "3180")
		}
	}
	for name, c := range map[string]struct {
		ttl  string // seconds
		said func(*redistest.Server)
		left time.Duration // 0 for one that has ended
	}{
		"the metadata says it is of yesterday":                     {"3600", metadata(yesterday, "110000"), 0},
		"and that it lasts long beyond its TTL":                    {"3600", metadata(yesterday, "3300000"), 0},
		"the metadata says it is half an hour old":                 {"3600", metadata(30*time.Minute, "110000"), longest - 30*time.Minute},
		"its TTL says less":                                        {"60", metadata(30*time.Minute, "110000"), margin + time.Minute},
		"the metadata says it was just issued, the TTL a year":     {"31536000", metadata(0, "110000"), longest},
		"the metadata is of the future, by less than clocks do":    {"31536000", metadata(-time.Minute, "110000"), longest},
		"the metadata is of the far future, which says nothing":    {"3180", metadata(-time.Hour, "110000"), longest},
		"the timestamp says it is of yesterday, the TTL a year":    {"31536000", stamp(yesterday), 0},
		"the timestamp says it is half an hour old, the TTL a day": {"86400", stamp(30 * time.Minute), longest - 30*time.Minute},
		"the timestamp is another token's":                         {"3180", stamp(30 * time.Minute), longest},
		"the timestamp and the TTL agree":                          {"1380", stamp(30 * time.Minute), longest - 30*time.Minute},
		"nobody says anything, the TTL a year":                     {"31536000", func(*redistest.Server) {}, longest},
		"numbers beyond all range": {"9000000000000", func(srv *redistest.Server) {
			srv.Do("HSET", metadataKey, "token", tokenDigest("theirs"), "identity", "", "shift_ms", "99999999999999999999", "issued_ms", "99999999999999999999")
		}, longest},
	} {
		t.Run(name, func(t *testing.T) {
			srv := redistest.Start(t)
			srv.Do("SET", tokenKey, "theirs", "EX", c.ttl)
			c.said(srv)
			s := newStore(t, srv, redisstore.Config{})
			tok, err := s.Get(t.Context(), tokenKey)
			looked, _, lookErr := s.Look(t.Context(), tokenKey, store.Token{}, 0)
			if c.left > 0 {
				if err != nil || lookErr != nil {
					t.Fatalf("Get %v, Look %v", err, lookErr)
				}
				wantNear(t, "ends", tok.Expiry(), time.Now().Add(c.left))
				wantNear(t, "ends, says Look,", looked.Expiry(), time.Now().Add(c.left))
				return
			}
			for what, err := range map[string]error{"Get": err, "Look": lookErr} {
				if !errors.Is(err, store.ErrNotFound) || !errors.Is(err, store.ErrUnusable) {
					t.Errorf("%s: %v; want a miss that says why", what, err)
				}
			}
			if s.Stats().Ended != 2 {
				t.Errorf("%+v", s.Stats())
			}
			next := token(t, "next", longest)
			if got, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, next); err != nil || !got.Equal(next) || srv.Do("GET", tokenKey) != "next" {
				t.Errorf("stands %v, %v, and %v is there; want it replaced", got, err, srv.Do("GET", tokenKey))
			}
		})
	}
}
