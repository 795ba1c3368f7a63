package main_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// tokenInfo is what the contract says of `token`.
type tokenInfo struct {
	Source      string     `json:"source"`
	IssuedAt    *time.Time `json:"issued_at"`
	ExpiresAt   time.Time  `json:"expires_at"`
	ExpiresInS  *int64     `json:"expires_in_s"`
	Fingerprint string     `json:"fingerprint"`
	Token       string     `json:"token"`
}

// showToken runs `token` and checks its fields as such.
func showToken(t *testing.T, vars []string, args ...string) tokenInfo {
	t.Helper()
	got := run(t, vars, append([]string{"token"}, args...)...)
	got.wantQuiet(t)
	var fields map[string]json.RawMessage
	var info tokenInfo
	if err := json.Unmarshal([]byte(got.out), &fields); err != nil {
		t.Fatalf("%v: %q", err, got.out)
	}
	if err := json.Unmarshal([]byte(got.out), &info); err != nil {
		t.Fatalf("%v: %q", err, got.out)
	}
	want := []string{"expires_at", "expires_in_s", "fingerprint", "issued_at", "source"}
	if slices.Contains(args, "--reveal") {
		want = append(want, "token")
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(fields))); diff != "" {
		t.Errorf("fields: -want +got:\n%s", diff)
	}
	if _, offset := info.ExpiresAt.Zone(); offset != 0 || !time.Now().Before(info.ExpiresAt) {
		t.Errorf("expires_at %s; want UTC, and to come", fields["expires_at"])
	}
	if info.IssuedAt != nil && !info.IssuedAt.Before(info.ExpiresAt) {
		t.Errorf("issued_at %s, expires_at %s", fields["issued_at"], fields["expires_at"])
	}
	if *info.ExpiresInS <= 0 || *info.ExpiresInS > 55*60 {
		t.Errorf("expires_in_s %d", *info.ExpiresInS)
	}
	return info
}

// fingerprint is told by the contract, so that any program can compute it.
func fingerprint(token string) string {
	mac := hmac.New(sha256.New, []byte("advoware token fingerprint v1"))
	mac.Write([]byte(token))
	return hex.EncodeToString(mac.Sum(nil))[:8]
}

func TestTokenOfThisProcess(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	a, b := showToken(t, fake.Env(), "--store", "memory"), showToken(t, fake.Env(), "--store", "memory", "--refresh")
	for _, info := range []tokenInfo{a, b} {
		if info.Source != "fetch" || info.IssuedAt == nil {
			t.Errorf("%+v; want a fetched one that was issued just now", info)
		}
	}
	if n := fake.Counts().TokenRequests; n != 2 || a.Fingerprint == b.Fingerprint {
		t.Errorf("%d token requests, fingerprints %s and %s; want two of their own", n, a.Fingerprint, b.Fingerprint)
	}
}

func TestTokenIsSharedThroughRedis(t *testing.T) {
	server, fake := redistest.Start(t), clienttest.Start(t, clienttest.Options{})
	vars := append(fake.Env(), redisAt(server)...)
	first := showToken(t, vars)
	if first.Source != "fetch" {
		t.Errorf("source %s at first, want fetch", first.Source)
	}
	for _, kind := range []string{"tiered", "redis"} {
		again := showToken(t, vars, "--store", kind, "--reveal")
		if again.Source != "redis" || again.Fingerprint != first.Fingerprint {
			t.Errorf("%s: source %s, fingerprint %s; want redis and %s", kind, again.Source, again.Fingerprint, first.Fingerprint)
		}
		if stored := server.Do("GET", sandboxKey); stored != again.Token || again.Fingerprint != fingerprint(again.Token) {
			t.Errorf("%s: %q is not the token in Redis, or has not the fingerprint %s", kind, again.Token, again.Fingerprint)
		}
		if again.IssuedAt == nil || !again.IssuedAt.Equal(*first.IssuedAt) {
			t.Errorf("%s: issued_at %v, was %v", kind, again.IssuedAt, first.IssuedAt)
		}
	}
	for _, kind := range []string{"tiered", "redis"} {
		fresh := showToken(t, vars, "--store", kind, "--refresh", "--reveal")
		if fresh.Source != "fetch" || fresh.Fingerprint == first.Fingerprint || server.Do("GET", sandboxKey) != fresh.Token {
			t.Errorf("%s: --refresh: %s from %s; want another one, in Redis too", kind, fresh.Fingerprint, fresh.Source)
		}
	}
	if n := fake.Counts().TokenRequests; n != 3 {
		t.Errorf("%d token requests, want 3", n)
	}
}

// Another program writes the raw token, and maybe nothing else.
func TestTokenOfAnotherProgram(t *testing.T) {
	server, fake := redistest.Start(t), clienttest.Start(t, clienttest.Options{})
	vars := append(fake.Env(), redisAt(server)...)
	for _, kind := range []string{"redis", "tiered"} {
		token, before := fake.Issue(), fake.Counts().TokenRequests
		server.Do("FLUSHALL")
		server.Do("SET", sandboxKey, token, "EX", "3180")
		info := showToken(t, vars, "--reveal", "--store", kind)
		if info.Source != "redis" || info.IssuedAt != nil || info.Token != token || info.Fingerprint != fingerprint(token) {
			t.Errorf("%s: %+v; want the token of the other program, issued at nobody knows when", kind, info)
		}
		run(t, vars, "call", "GET", "/employees", "--store", kind).wantQuiet(t)
		if n := fake.Counts().TokenRequests - before; n != 0 {
			t.Errorf("%s: %d token requests, want none", kind, n)
		}
	}
}

func TestTokenStats(t *testing.T) {
	server, fake := redistest.Start(t), clienttest.Start(t, clienttest.Options{})
	vars := append(fake.Env(), redisAt(server)...)
	for _, want := range []stats{
		{Calls: new(0), TokenHits: new(0), TokenWaits: new(1), HitRate: new(0.0), TokenFetches: new(1), API401: new(0), RedisErrors: new(0)},
		{Calls: new(0), TokenHits: new(1), TokenWaits: new(0), HitRate: new(1.0), TokenFetches: new(0), API401: new(0), RedisErrors: new(0)},
	} {
		got := run(t, vars, "token", "--stats")
		s, _ := lastLine(t, got.err)
		if diff := cmp.Diff(want, s); diff != "" || got.status != 0 {
			t.Errorf("status %d, -want +got:\n%s", got.status, diff)
		}
	}
}
