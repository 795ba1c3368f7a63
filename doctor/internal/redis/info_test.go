package redis_test

import (
	"strings"
	"testing"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store/redis/dial"
)

func TestDatabase(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Do("SET", "x", "y")
	want(t, look(t, at("redis://"+srv.Addr()+"/0")), "database", check.Warning, "database 0, with no keys; others with keys: 1 (1 keys)", "REDIS_DB_ADVOWARE_CACHE=1")
	want(t, look(t, at("redis://"+srv.Addr())), "database", check.OK, "database 1, with 1 keys", "")
}

func TestInfo(t *testing.T) {
	t.Parallel()
	say := func(info string) func(*testing.T) dial.Config {
		return func(t *testing.T) dial.Config {
			return at("redis://" + answering(t, "-ERR unknown command", map[string]string{"info": info, "ping": "PONG", "select": "OK"}))
		}
	}
	for name, c := range map[string]struct {
		start     func(t *testing.T) dial.Config
		check     string
		status    check.Status
		saw, hint string
	}{
		"an old one":                  {say("redis_version:5.0.14\r\n"), "version", check.Warning, "Redis 5.0.14", "update it"},
		"another one":                 {say("redis_version:7.2.4\r\nvalkey_version:8.1.0\r\n"), "version", check.OK, "Valkey 8.1.0", ""},
		"nothing":                     {say(""), "version", check.Skipped, "does not say", ""},
		"nothing of a role":           {say("role:\xff\x00\r\n"), "role", check.Skipped, "does not say", ""},
		"nothing of a disk":           {say(""), "persistence", check.Skipped, "does not say", ""},
		"nothing of memory":           {say(""), "eviction policy", check.Skipped, "does not say", ""},
		"numbers that are none":       {say("maxmemory:x\r\nmaxmemory_policy:allkeys-lru\r\n"), "eviction policy", check.OK, "without maxmemory", ""},
		"numbers too large":           {say("maxmemory:99999999999999999999\r\nused_memory:99999999999999999999\r\nmaxmemory_policy:noeviction\r\n"), "eviction policy", check.Failure, "at 100 %", "raise maxmemory"},
		"a disk that is full":         {say("aof_enabled:0\r\nrdb_last_bgsave_status:err\r\n"), "persistence", check.Warning, "the last save failed", "the disk"},
		"a file that is full":         {say("aof_enabled:1\r\naof_last_write_status:err\r\nrdb_last_bgsave_status:ok\r\n"), "persistence", check.Warning, "the last save failed", "the disk"},
		"commands that there are not": {say("redis_version:7.0.0\r\n"), "rights", check.Warning, "does not know eval", "rename-command"},
		"append only": {func(t *testing.T) dial.Config {
			return at("redis://" + redistest.Start(t, "--appendonly", "yes").Addr())
		}, "persistence", check.OK, "outlives a restart", ""},
		"volatile":     {memory("volatile-ttl", "100mb"), "eviction policy", check.Warning, "before keys without a TTL", "a Redis of their own"},
		"allkeys":      {memory("allkeys-lru", "100mb"), "eviction policy", check.Warning, "like any other key", "a Redis of their own"},
		"room":         {memory("noeviction", "100mb"), "eviction policy", check.OK, "of maxmemory (100 MiB)", ""},
		"full":         {memory("noeviction", "500kb"), "eviction policy", check.Failure, "no token can be written", "raise maxmemory"},
		"full, pushes": {memory("noeviction", "500kb"), "pushes", check.Warning, "OOM", ""},
		"full, rights": {memory("noeviction", "500kb"), "rights", check.OK, "all", ""},
		"no INFO": {func(t *testing.T) dial.Config {
			srv := redistest.Start(t)
			srv.Do("ACL", "SETUSER", "default", "-info")
			return at("redis://" + srv.Addr())
		}, "role", check.OK, "master", ""},
		"no INFO, version": {func(t *testing.T) dial.Config {
			srv := redistest.Start(t)
			srv.Do("ACL", "SETUSER", "default", "-info")
			return at("redis://" + srv.Addr())
		}, "version", check.Skipped, "+info", ""},
		"evicted": {func(t *testing.T) dial.Config {
			srv := redistest.Start(t, "--maxmemory-policy", "allkeys-lru", "--maxmemory", "3mb")
			for i := range 40 {
				srv.Do("SET", strings.Repeat("k", i+1), strings.Repeat("v", 100_000))
			}
			return at("redis://" + srv.Addr())
		}, "eviction policy", check.Warning, "keys were so far", "a Redis of their own"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want(t, look(t, c.start(t)), c.check, c.status, c.saw, c.hint)
		})
	}
}

func memory(policy, most string) func(*testing.T) dial.Config {
	return func(t *testing.T) dial.Config {
		return at("redis://" + redistest.Start(t, "--maxmemory-policy", policy, "--maxmemory", most).Addr())
	}
}
