package main_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// contents is all that is in a Redis, but for how long.
func contents(t *testing.T, server *redistest.Server) map[string]string {
	t.Helper()
	all := make(map[string]string)
	keys, ok := server.Do("KEYS", "*").([]any)
	if !ok {
		t.Fatal(server.Do("KEYS", "*"))
	}
	for _, key := range keys {
		all[fmt.Sprint(key)] = fmt.Sprint(server.Do("DUMP", fmt.Sprint(key)))
	}
	return all
}

// It says what is there, and does nothing: no request, no write.
func TestPeekOnlyLooks(t *testing.T) {
	server, fake := redistest.Start(t), clienttest.Start(t, clienttest.Options{})
	vars := append(fake.Env(), redisAt(server)...)
	for _, kind := range []string{"tiered", "redis"} {
		run(t, vars, "token", "--peek", "--store", kind).wantFailure(t, 1, "there is no token in Redis under "+sandboxKey)
	}
	if n := fake.Counts(); n.TokenRequests != 0 || len(contents(t, server)) != 0 {
		t.Errorf("%d token requests, %v in Redis", n.TokenRequests, contents(t, server))
	}
	first := showToken(t, vars)
	before := contents(t, server)
	for _, args := range [][]string{{"--peek"}, {"--peek", "--reveal"}, {"--peek", "--store", "redis"}} {
		info := showToken(t, vars, args...)
		if info.Fingerprint != first.Fingerprint || info.Source != "redis" || !info.IssuedAt.Equal(*first.IssuedAt) {
			t.Errorf("%q: %+v, want %+v", args, info, first)
		}
	}
	run(t, vars, "token", "--all").wantQuiet(t)
	if diff := cmp.Diff(before, contents(t, server)); diff != "" || fake.Counts().TokenRequests != 1 {
		t.Errorf("%d token requests, Redis -before +after:\n%s", fake.Counts().TokenRequests, diff)
	}
	server.Do("DEL", sandboxKey)
	run(t, vars, "token", "--peek").wantFailure(t, 1, "there is no token")
	server.Do("SET", sandboxKey, fake.Issue()) // no TTL
	run(t, vars, "token", "--peek").wantFailure(t, 1, "cannot be used", "TTL")

	server.Do("SET", sandboxKey, fake.Issue(), "EX", "3000") // as another program does
	if info := showToken(t, vars, "--peek"); info.Source != "redis" {
		t.Errorf("%+v", info)
	}
}

func TestPeekCannotTell(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	run(t, append(fake.Env(), noRedis(t)...), "token", "--peek").wantFailure(t, 1, "token store", "refused")
	run(t, fake.Env(), "token", "--peek", "--store", "memory").wantFailure(t, 2, "--store")
	run(t, nil, "token", "--peek", "--sandbox").wantFailure(t, 2, "--store")
	run(t, fake.Env(), "token", "--peek", "--refresh").wantFailure(t, 2, "--refresh")
	run(t, nil, "token", "--peek").wantFailure(t, 2, "ADVOWARE_")

	server := redistest.Start(t)
	vars := append(fake.Env(), redisAt(server)...)
	showToken(t, vars)
	run(t, append(vars, "ADVOWARE_USER=XX"), "token", "--peek").wantFailure(t, 1, "identity")
}

// What Redis has beside the token, and never the token.
func TestAllKeys(t *testing.T) {
	server, fake := redistest.Start(t), clienttest.Start(t, clienttest.Options{})
	vars := append(fake.DiscoveryEnv(), redisAt(server)...)
	type key struct {
		Key  string
		Type string
		TTL  *float64 `json:"ttl_s"`
		Says map[string]string
	}
	all := func(status int) (string, *tokenInfo, map[string]key) {
		t.Helper()
		got := run(t, vars, "token", "--all")
		var shown struct {
			Near struct{ Why string }
			Far  struct {
				Token *tokenInfo
				Why   string
				Keys  []key
			}
		}
		if err := json.Unmarshal([]byte(got.out), &shown); err != nil || got.status != status || shown.Near.Why == "" || (shown.Far.Why == "") != (status == 0) {
			t.Fatalf("status %d, %v, %s, %s", got.status, err, got.out, got.err)
		}
		keys := make(map[string]key)
		for _, k := range shown.Far.Keys {
			keys[strings.TrimPrefix(strings.TrimPrefix(k.Key, "{"+sandboxKey+"}"), sandboxKey)] = k
		}
		return got.out, shown.Far.Token, keys
	}
	_, tok, keys := all(1)
	for name, k := range keys {
		if k.Type != "none" || k.TTL != nil {
			t.Errorf("%q: %+v", name, k)
		}
	}
	if tok != nil || len(keys) != 10 {
		t.Errorf("%v, %d keys", tok, len(keys))
	}

	info := showToken(t, vars, "--reveal")
	server.Do("SET", "{"+sandboxKey+"}:lock", strings.Repeat("A", 26), "PX", "2500")
	server.Do("HSET", "{"+sandboxKey+"}:failed", "kind", "outage", "message", "it repeats "+info.Token+"\x1b[2J", "credentials", "0123456789abcdef")
	server.Do("PEXPIRE", "{"+sandboxKey+"}:failed", "60000")
	server.Do("SET", "{"+sandboxKey+"}:refused", "0123456789abcdef 1760000000000 60000 wrong password\n", "PX", "60000")
	server.Do("SET", "{"+sandboxKey+"}:gone:abc", "1", "PX", "60000")
	out, tok, keys := all(0)
	if tok == nil || tok.Fingerprint != info.Fingerprint || strings.Contains(out, info.Token) || strings.Contains(out, info.Token[:40]) {
		t.Errorf("%+v in %s", tok, out)
	}
	for name, says := range map[string]string{
		"": "bytes", "_timestamp": "issued_at_utc", ":meta": "issued_at", ":lock": "holder", ":failed": "message", ":refused": "credentials 01234567", ":gone:*": "count", ":address": "answer",
	} {
		k := keys[name]
		if k.Type == "none" || k.Says[says] == "" || (k.TTL == nil) != (name == ":gone:*") {
			t.Errorf("%q: %+v", name, k)
		}
	}
	if m := keys[":failed"].Says["message"]; !strings.Contains(m, "it repeats [redacted]") || strings.Contains(m, "\x1b") {
		t.Errorf("%q", m)
	}
	if !strings.Contains(keys[":refused"].Says["credentials 01234567"], "wrong password") || !strings.Contains(keys[":address"].Says["answer"], "relayUrl") {
		t.Errorf("%+v", keys)
	}
}

// A user that may only read what the token needs can look.
func TestPeekWithFewRights(t *testing.T) {
	server, fake := redistest.Start(t), clienttest.Start(t, clienttest.Options{})
	vars := append(fake.Env(), redisAt(server)...)
	info := showToken(t, vars)
	server.Do("ACL", "SETUSER", "reader", "on", ">geheim", "~"+sandboxKey+"*", "~{"+sandboxKey+"}:*", "+select", "+get", "+pttl")
	vars = append(vars, "REDIS_USERNAME=reader", "REDIS_PASSWORD=geheim")
	if again := showToken(t, vars, "--peek"); again.Fingerprint != info.Fingerprint {
		t.Errorf("%+v", again)
	}
	got := run(t, vars, "token", "--all")
	if got.status != 0 || strings.Contains(got.out, "geheim") || !strings.Contains(got.out, `"ttl_s": 3`) {
		t.Errorf("%+v", got)
	}
}
