package redis_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

func TestLayout(t *testing.T) {
	srv := redistest.Start(t)
	tests := map[string]struct {
		key, stampKey string
		issued        time.Time
		stamp         any
	}{
		"default key":    {tokenKey, stampKey, time.Date(2026, 2, 7, 9, 23, 49, 123456789, time.UTC), "2026-02-07T09:23:49.123456"},
		"other key":      {"other", "other_timestamp", time.Date(2026, 2, 7, 9, 23, 49, 5000, time.UTC), "2026-02-07T09:23:49.000005"},
		"whole second":   {tokenKey, stampKey, time.Date(2026, 2, 7, 9, 23, 49, 999, time.UTC), "2026-02-07T09:23:49"},
		"other zone":     {tokenKey, stampKey, time.Date(2026, 2, 7, 10, 23, 49, 0, time.FixedZone("CET", 3600)), "2026-02-07T09:23:49"},
		"unknown issued": {tokenKey, "", time.Time{}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			srv.Do("FLUSHALL")
			s := newStore(t, srv, redisstore.Config{Identity: func(key string) string { return "me of " + key }})
			tok, err := store.NewToken("the-token", tt.issued, time.Now().Add(longest))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.CompareAndSwap(t.Context(), tt.key, store.Token{}, tok); err != nil {
				t.Fatal(err)
			}

			metadata := "{" + tt.key + "}:meta"
			want := []string{tt.key, metadata}
			if tt.stampKey != "" {
				want = append(want, tt.stampKey)
			}
			var got []string
			for _, k := range srv.Do("KEYS", "*").([]any) {
				got = append(got, k.(string))
			}
			slices.Sort(want)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("keys (-want +got):\n%s", diff)
			}
			for _, key := range want {
				// Time only ever takes away from the TTL; a minute is a very slow machine.
				if ttl := pttl(t, srv, key); ttl > sharedLife || ttl < sharedLife-time.Minute {
					t.Errorf("%s lives for %v; want %v less the time this took", key, ttl, sharedLife)
				}
			}
			if got := srv.Do("GET", tt.key); got != "the-token" {
				t.Errorf("token key holds %q", got)
			}
			if tt.stampKey != "" {
				if got := srv.Do("GET", tt.stampKey); got != tt.stamp {
					t.Errorf("timestamp is %q, want %q", got, tt.stamp)
				}
			}
			issued := "0"
			if !tt.issued.IsZero() {
				issued = strconv.FormatInt(tt.issued.UnixMilli(), 10)
			}
			if diff := cmp.Diff([]any{"110000", issued}, srv.Do("HMGET", metadata, "shift_ms", "issued_ms")); diff != "" {
				t.Errorf("metadata (-want +got):\n%s", diff)
			}
			hex := regexp.MustCompile(`^[0-9a-f]{64}$`)
			for _, field := range []string{"token", "identity"} {
				if got := fmt.Sprint(srv.Do("HGET", metadata, field)); !hex.MatchString(got) {
					t.Errorf("metadata field %s is %q; want a SHA-256 in hex", field, got)
				}
			}
		})
	}
}

func TestAnotherProcessReadsTheSameToken(t *testing.T) {
	srv := redistest.Start(t)
	// Lifetimes that the gateway shortened come back as they were, too.
	for _, life := range []time.Duration{longest, 10 * time.Minute, 3 * time.Minute} {
		t.Run(life.String(), func(t *testing.T) {
			srv.Do("FLUSHALL")
			want := token(t, "the-token", life)
			writer, reader := newStore(t, srv, redisstore.Config{}), newStore(t, srv, redisstore.Config{})
			if _, err := writer.CompareAndSwap(t.Context(), tokenKey, store.Token{}, want); err != nil {
				t.Fatal(err)
			}
			got, err := reader.Get(t.Context(), tokenKey)
			if err != nil || !got.Equal(want) {
				t.Fatalf("got %v, %v; want the token", got, err)
			}
			wantNear(t, "expiry", got.Expiry(), want.Expiry())
			if w := want.IssuedAt().Truncate(time.Millisecond); !got.IssuedAt().Equal(w) {
				t.Errorf("issued at %v; want %v", got.IssuedAt(), w)
			}
		})
	}
}

// A reader with another Margin than the writer's still learns the true expiry.
func TestMetadataTellsTheShift(t *testing.T) {
	srv := redistest.Start(t)
	writer := newStore(t, srv, redisstore.Config{Margins: store.Margins{Margin: 20 * time.Minute}})
	want := token(t, "the-token", 40*time.Minute)
	if _, err := writer.CompareAndSwap(t.Context(), tokenKey, store.Token{}, want); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, shift string
		want        time.Duration // after the end of the TTL, 20 minutes from now
	}{
		{"as written", "1200000", 20 * time.Minute},
		{"none", "0", 0},
		{"negative", "-1", margin},
		{"not a number", "x", margin},
		{"overflows", "9223372036854775807", margin},
		{"longer than a lifetime", "3300001", margin},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv.Do("HSET", metadataKey, "shift_ms", tt.shift)
			got, err := newStore(t, srv, redisstore.Config{}).Get(t.Context(), tokenKey)
			if err != nil {
				t.Fatal(err)
			}
			wantNear(t, "expiry", got.Expiry(), want.Expiry().Add(tt.want-20*time.Minute))
		})
	}
}

func TestMetadataTellsTheIssue(t *testing.T) {
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{})
	if _, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "the-token", longest)); err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	for ms, want := range map[any]time.Time{
		now.Add(-10 * time.Minute).UnixMilli(): now.Add(-10 * time.Minute),
		now.Add(time.Hour).UnixMilli():         {},
		"x":                                    {},
		0:                                      {},
		-1:                                     {},
	} {
		srv.Do("HSET", metadataKey, "issued_ms", fmt.Sprint(ms))
		if got, err := s.Get(t.Context(), tokenKey); err != nil || !got.IssuedAt().Equal(want) {
			t.Errorf("issued_ms %v: issued at %v, %v; want %v", ms, got.IssuedAt(), err, want)
		}
	}
}

// With less than Guard until the shared end nothing is written.
func TestTooLateToShare(t *testing.T) {
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{})
	late := token(t, "late", 2*time.Minute)
	fresh := token(t, "fresh", 3*time.Minute)

	got, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, late)
	if err != nil || got != late {
		t.Errorf("into nothing: got %v, %v; want the token itself", got, err)
	}
	if keys := srv.Do("KEYS", "*").([]any); len(keys) > 0 {
		t.Errorf("written: %v", keys)
	}
	if n := s.Stats().Writes; n != 0 {
		t.Errorf("%d writes counted", n)
	}
	if _, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, fresh); err != nil {
		t.Fatal(err)
	}
	if got := srv.Do("GET", tokenKey); got != "fresh" {
		t.Errorf("with 3 minutes left: %v is there; want it written", got)
	}
	if got, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, late); err != nil || !got.Equal(fresh) {
		t.Errorf("another is there: got %v, %v; want that one", got, err)
	}
	if got, err := s.CompareAndSwap(t.Context(), tokenKey, fresh, late); err != nil || got != late {
		t.Errorf("in place of the old one: got %v, %v; want the token itself", got, err)
	}
	if got := srv.Do("GET", tokenKey); got != "fresh" {
		t.Errorf("%v is there; want it untouched", got)
	}
}

// What somebody wants to keep for longer than a lifetime is shared no longer.
func TestLifetimeBoundsTheTTL(t *testing.T) {
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{})
	if _, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "long", 24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{tokenKey, metadataKey, stampKey} {
		if ttl := pttl(t, srv, key); ttl > sharedLife {
			t.Errorf("%s lives for %v; want at most %v", key, ttl, sharedLife)
		}
	}
}

func TestShortLives(t *testing.T) {
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{Lifetime: time.Minute, Margins: store.Margins{Guard: time.Second, Margin: 20 * time.Second}})
	tok := token(t, "short", 59*time.Second)
	if _, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil {
		t.Fatal(err)
	}
	if ttl := pttl(t, srv, tokenKey); ttl > 39*time.Second || ttl < time.Second {
		t.Errorf("lives for %v in Redis; want 39s or a little less", ttl)
	}
	srv.Do("SET", tokenKey, "theirs", "EX", "30")
	got, err := s.Get(t.Context(), tokenKey)
	if err != nil || got.Expiry().After(time.Now().Add(50*time.Second)) {
		t.Errorf("expiry %v, %v; want at most 50s from now", got.Expiry(), err)
	}
}
