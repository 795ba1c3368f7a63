package main_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
	"github.com/advoware-go/advoware/internal/redistest"
)

const (
	sharedKey  = "advoware_access_token"
	sandboxKey = "advoware_sandbox_access_token"
)

// redisAt is an environment that leads to a server that is well, on a machine that may be busy.
func redisAt(s *redistest.Server) []string {
	host, port, _ := net.SplitHostPort(s.Addr())
	return []string{"REDIS_HOST=" + host, "REDIS_PORT=" + port, patient}
}

func TestTieredWithoutRedisWarnsOnce(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	vars := append(fake.Env(), noRedis(t)...)
	for _, args := range [][]string{
		{"call", "GET", "/employees"},
		{"call", "GET", "/employees", "--store", "tiered", "--repeat", "20", "--concurrency", "4"},
		{"token"},
	} {
		got := run(t, vars, args...)
		if got.status != 0 || got.out == "" {
			t.Errorf("%q: status %d, stdout %q", args, got.status, got.out)
		}
		if strings.Count(got.err, "\n") != 1 || !strings.Contains(got.err, "level=WARN") || !strings.Contains(got.err, "Redis") {
			t.Errorf("%q: stderr %q; want one warning about Redis", args, got.err)
		}
	}
}

func TestRedisStoreWithoutRedisFails(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	vars := append(fake.Env(), noRedis(t)...)
	run(t, vars, "call", "GET", "/employees", "--store", "redis").wantFailure(t, 1, "redis", "refused")
	run(t, vars, "token", "--store", "redis").wantFailure(t, 1, "redis", "refused")
	if n := fake.Counts().TokenRequests; n != 0 {
		t.Errorf("%d token requests, want none", n)
	}
}

// hostile is an environment that nobody who has no use for it must look at.
var hostile = []string{
	"REDIS_HOST=redis.example", "REDIS_PORT=x", "REDIS_DB_ADVOWARE_CACHE=x", "REDIS_TIMEOUT_SECONDS=x",
	"REDIS_USERNAME=x", "REDIS_PASSWORD=x", "REDIS_TLS=x", "REDIS_ALLOW_REMOTE=x",
}

func TestMemoryIgnoresRedisVariables(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	run(t, append(fake.Env(), hostile...), "call", "GET", "/employees", "--store", "memory").wantQuiet(t)
}

func TestSandboxIgnoresTheEnvironment(t *testing.T) {
	ours := env(hostile, []string{
		"ADVOWARE_API_BASE_URL=http://api.example/", "ADVOWARE_TOKEN_URL=x", "ADVOWARE_PRODUCT_ID=x", "ADVOWARE_ROLE=x",
		"ADVOWARE_APP_ID=x", "ADVOWARE_API_KEY=x", "ADVOWARE_KANZLEI=x", "ADVOWARE_DATABASE=x", "ADVOWARE_USER=x",
		"ADVOWARE_PASSWORD=x", "ADVOWARE_TOKEN_KEY=x", "ADVOWARE_TOKEN_LIFETIME_MINUTES=x",
		"ADVOWARE_API_TIMEOUT_SECONDS=x", "ADVOWARE_ALLOW_INSECURE=x",
		"HTTP_PROXY=http://127.0.0.1:" + e2etest.ClosedPort(t),
	})
	run(t, ours, "call", "--sandbox", "GET", "/employees").wantQuiet(t)
	run(t, ours, "token", "--sandbox").wantQuiet(t)
}

func TestSandboxTouchesNoRedis(t *testing.T) {
	server := redistest.Start(t)
	run(t, redisAt(server), "call", "--sandbox", "GET", "/employees").wantQuiet(t)
	if n := server.Do("DBSIZE"); n != int64(0) {
		t.Errorf("%v keys in Redis", n)
	}
}

// With an explicit store the sandbox has a key of its own. What the last one left
// there is a token that this one does not know.
func TestSandboxWithExplicitStore(t *testing.T) {
	server := redistest.Start(t)
	for _, kind := range []string{"tiered", "redis", "tiered"} {
		run(t, append(redisAt(server), "ADVOWARE_TOKEN_KEY=other"), "call", "--sandbox", "--store", kind, "GET", "/employees").wantQuiet(t)
		for key, want := range map[string]any{sandboxKey: int64(1), "other": int64(0), sharedKey: int64(0)} {
			if n := server.Do("EXISTS", key); n != want {
				t.Errorf("%s: %s: %v, want %v", kind, key, n, want)
			}
		}
	}
}

func TestProcessesShareOneToken(t *testing.T) {
	server, fake := redistest.Start(t), clienttest.Start(t, clienttest.Options{})
	vars := append(fake.Env(), append(redisAt(server), "ADVOWARE_TOKEN_KEY=")...) // empty is missing: the default key
	for _, kind := range []string{"tiered", "redis", "tiered"} {
		run(t, vars, "call", "GET", "/employees", "--store", kind).wantQuiet(t)
	}
	if n := fake.Counts().TokenRequests; n != 1 {
		t.Errorf("%d token requests, want 1", n)
	}
	if tok, _ := server.Do("GET", sharedKey).(string); strings.Count(tok, ".") != 2 {
		t.Errorf("%d bytes under %s, which are no raw token", len(tok), sharedKey)
	}
}

func TestAnotherIdentityOnTheSameKeyIsRefused(t *testing.T) {
	server, a, b := redistest.Start(t), clienttest.Start(t, clienttest.Options{}), clienttest.Start(t, clienttest.Options{User: "other"})
	run(t, append(a.Env(), redisAt(server)...), "call", "GET", "/employees").wantQuiet(t)
	for _, kind := range []string{"tiered", "redis"} {
		run(t, append(b.Env(), redisAt(server)...), "call", "GET", "/employees", "--store", kind).
			wantFailure(t, 1, "another identity", sandboxKey, "ADVOWARE_TOKEN_KEY")
	}
}

func TestRedisPassword(t *testing.T) {
	const password = "Kennwort-für-Redis"
	server := redistest.Start(t, "--user", "me", "on", ">"+password, "~*", "+@all")
	fake := clienttest.Start(t, clienttest.Options{})
	vars := append(fake.Env(), redisAt(server)...)
	run(t, append(vars, "REDIS_USERNAME=me", "REDIS_PASSWORD="+password), "call", "GET", "/employees", "--store", "redis").wantQuiet(t)
	got := run(t, append(vars, "REDIS_USERNAME=me", "REDIS_PASSWORD="+password+"x"), "call", "GET", "/employees", "--store", "redis")
	got.wantFailure(t, 1, "WRONGPASS")
	if strings.Contains(got.err, password) {
		t.Errorf("the password is shown: %q", got.err)
	}
}

// Neither a missing home nor an empty one is spoken of, or written to.
func TestNothingElseIsWritten(t *testing.T) {
	dir := t.TempDir()
	fake := clienttest.Start(t, clienttest.Options{})
	run(t, append(fake.Env(), "HOME="+filepath.Join(dir, "none"), "XDG_CONFIG_HOME="+dir), "call", "GET", "/employees", "--store", "memory").wantQuiet(t)
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("files were left: %v, %v", entries, err)
	}
}
