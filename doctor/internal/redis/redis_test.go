package redis_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/doctor/internal/redis"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/redis/dial"
)

const key = "advoware_access_token"

// look returns the checks of a Redis.
func look(t *testing.T, cfg dial.Config) []check.Check {
	t.Helper()
	return checks(t, opened(t, cfg))
}

func opened(t *testing.T, cfg dial.Config) *link.Link {
	t.Helper()
	l := link.Open(t.Context(), link.Config{Redis: cfg})
	t.Cleanup(l.Close)
	return l
}

// checks returns those of the group. No password is in them.
func checks(t *testing.T, l *link.Link) []check.Check {
	t.Helper()
	found := redis.Checks(t.Context(), redis.Config{Link: l, Key: key, Identity: "ours"})
	for _, c := range found {
		if hinted := c.Status == check.Warning || c.Status == check.Failure; c.Group != "Redis" || c.Saw == "" || hinted != (c.Want != "") || hinted != (c.Hint != "") || strings.Contains(fmt.Sprint(c), canary) {
			t.Errorf("%+v", c)
		}
	}
	return found
}

// want looks for parts of a check: one of those with the name has to have them.
func want(t *testing.T, found []check.Check, name string, status check.Status, saw, hint string) {
	t.Helper()
	var got []check.Check
	for _, c := range found {
		if c.Name != name {
			continue
		}
		if c.Status == status && strings.Contains(c.Saw, saw) && strings.Contains(c.Hint, hint) {
			return
		}
		got = append(got, c)
	}
	t.Errorf("%s is %+v, want %s, %q and %q", name, got, status, saw, hint)
}

func at(url string) dial.Config { return dial.Config{URL: secret.New(url)} }

// healthy fails for a check that finds something.
func healthy(t *testing.T, found []check.Check) {
	t.Helper()
	for _, c := range found {
		if c.Status == check.Warning || c.Status == check.Failure {
			t.Errorf("%+v", c)
		}
	}
}

func TestHealthy(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	found := look(t, at("redis://"+srv.Addr()))
	healthy(t, found)
	var names []string
	for _, c := range found {
		names = append(names, c.Name)
	}
	const all = "reach, round trip, transport, certificates, version, role, database, eviction policy, persistence, rights, pushes, identity"
	if got := strings.Join(names, ", "); got != all {
		t.Errorf("the checks are %s", got)
	}
	want(t, found, "pushes", check.OK, " µs after it was sent", "")
	if keys := srv.Do("KEYS", "*"); fmt.Sprint(keys) != "[]" {
		t.Errorf("it leaves %v", keys)
	}
}

// Nothing that programs use is changed.
func TestChangesNothing(t *testing.T) {
	t.Parallel()
	for _, denied := range []string{"+@all", "-eval"} {
		srv := redistest.Start(t)
		srv.Do("SET", key, "token", "EX", "3000")
		srv.Do("SET", "advoware_token_timestamp", "2026-01-01T00:00:00", "EX", "3000")
		for _, name := range []string{"lock", "refused", "address"} {
			srv.Do("SET", "{"+key+"}:"+name, name)
		}
		srv.Do("HSET", "{"+key+"}:meta", "token", "x")
		dump := func() string {
			var b strings.Builder
			for _, k := range []string{key, "advoware_token_timestamp", "{" + key + "}:lock", "{" + key + "}:refused", "{" + key + "}:address", "{" + key + "}:meta"} {
				fmt.Fprintf(&b, "%v %q ", k, srv.Do("DUMP", k))
			}
			return b.String() + fmt.Sprint(srv.Do("DBSIZE"))
		}
		before := dump()
		srv.Do("ACL", "SETUSER", "default", denied)
		look(t, at("redis://"+srv.Addr()))
		if after := dump(); after != before {
			t.Errorf("%s: %s, was %s", denied, after, before)
		}
	}
}

func TestWithoutLink(t *testing.T) {
	t.Parallel()
	found := redis.Checks(t.Context(), redis.Config{Key: key})
	if len(found) != 1 || found[0].Status != check.Skipped {
		t.Errorf("%+v", found)
	}
}

// After an interrupt there is an answer at once.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	srv := redistest.Start(t)
	srv.Stop()
	l := link.Open(ctx, link.Config{Redis: at("redis://" + srv.Addr())})
	defer l.Close()
	cancel()
	found := redis.Checks(ctx, redis.Config{Link: l, Key: key})
	want(t, found, "reach", check.Skipped, "interrupted", "")
}

func TestTopologies(t *testing.T) {
	t.Parallel()
	t.Run("socket", func(t *testing.T) {
		t.Parallel()
		path := t.TempDir() + "/s"
		redistest.Start(t, "--unixsocket", path)
		found := look(t, dial.Config{Host: path})
		healthy(t, found)
		want(t, found, "transport", check.OK, "a socket of this machine", "")
	})
	t.Run("sentinel", func(t *testing.T) {
		t.Parallel()
		master := redistest.Start(t)
		one := redistest.StartOneSentinel(t, master.Addr())
		found := look(t, at("redis://"+one.Addr()+"/1?master_name="+redistest.MasterName))
		healthy(t, found)
		want(t, found, "reach", check.OK, "the master "+redistest.MasterName+" of the sentinels "+one.Addr(), "")
		want(t, found, "pushes", check.OK, "arrives", "")
	})
	t.Run("a sentinel for a server", func(t *testing.T) {
		t.Parallel()
		one := redistest.StartOneSentinel(t, redistest.Start(t).Addr())
		found := look(t, at("redis://"+one.Addr()+"/0"))
		want(t, found, "version", check.Failure, "a sentinel", "master_name")
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		node := redistest.Start(t, redistest.ClusterNode...)
		node.Do("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
		for fmt.Sprint(node.Do("CLUSTER", "INFO"))[:16] != "cluster_state:ok" {
		}
		found := look(t, at("redis://"+node.Addr()+"?addr="+node.Addr()))
		healthy(t, found)
		want(t, found, "rights", check.OK, "all 18", "")
		want(t, found, "pushes", check.OK, "arrives", "")
		node.Do("ACL", "SETUSER", "default", "-command")
		want(t, look(t, at("redis://"+node.Addr()+"?addr="+node.Addr())), "rights", check.Warning, "command is not permitted", "+command")
	})
	t.Run("replica", func(t *testing.T) {
		t.Parallel()
		replica := redistest.Start(t, "--replicaof", "127.0.0.1 1") // of a master that is down
		found := look(t, at("redis://"+replica.Addr()))
		want(t, found, "role", check.Failure, "read-only", "address of the master")
		want(t, found, "pushes", check.Warning, "READONLY", "master")
	})
}
