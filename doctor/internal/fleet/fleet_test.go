package fleet_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/fleet"
	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/internal/rediskey"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/redis/dial"
)

const key = "advoware_access_token"

// look returns the checks, those of one name one after the other.
func look(t *testing.T, srv *redistest.Server, change func(*fleet.Config)) map[string][]check.Check {
	t.Helper()
	cfg := fleet.Config{Key: key, Credentials: "ours"}
	if srv != nil {
		cfg.Link = link.Open(t.Context(), link.Config{Redis: dial.Config{URL: secret.New("redis://" + srv.Addr())}})
		defer cfg.Link.Close()
	}
	if change != nil {
		change(&cfg)
	}
	found := make(map[string][]check.Check)
	for _, c := range fleet.Checks(t.Context(), cfg) {
		if hinted := c.Status == check.Warning || c.Status == check.Failure; c.Group != "fleet" || c.Saw == "" || hinted != (c.Want != "") || hinted != (c.Hint != "") {
			t.Errorf("%+v", c)
		}
		found[c.Name] = append(found[c.Name], c)
	}
	return found
}

// want looks for parts of the only check of a name.
func want(t *testing.T, found map[string][]check.Check, name string, status check.Status, saw, hint string) {
	t.Helper()
	if all := found[name]; len(all) != 1 || all[0].Status != status || !strings.Contains(all[0].Saw, saw) || !strings.Contains(all[0].Hint, hint) {
		t.Errorf("%s is %+v, want %s, %q and %q", name, all, status, saw, hint)
	}
}

// leases returns a lease as clients have it.
func leases(t *testing.T, srv *redistest.Server) *redisstore.Lease {
	t.Helper()
	o := redisstore.Options(srv.Addr()) // patient: the machine may be busy
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = time.Minute, time.Minute, time.Minute, time.Minute
	client := goredis.NewClient(o)
	s, err := redisstore.New(redisstore.Config{Client: client, Timeout: time.Minute, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	l, err := redisstore.NewLease(redisstore.LeaseConfig{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close(); _ = s.Close(); _ = client.Close() })
	return l
}

func acquire(t *testing.T, l *redisstore.Lease, credentials string) lease.Outcome {
	t.Helper()
	outcome, err := l.Acquire(t.Context(), key, lease.Ask{Credentials: credentials})
	if err != nil || outcome.Release == nil {
		t.Fatal(outcome, err)
	}
	return outcome
}

func TestQuiet(t *testing.T) {
	t.Parallel()
	for name, all := range look(t, redistest.Start(t), func(cfg *fleet.Config) { cfg.Pending = func() int { return 0 } }) {
		if len(all) != 1 || all[0].Status != check.OK {
			t.Errorf("%s: %+v", name, all)
		}
	}
	found := look(t, nil, nil)
	want(t, found, "lease", check.Skipped, "no Redis is used", "")
	want(t, found, "pending writes", check.Skipped, "just been started", "")
}

// What processes of the library leave for each other is read as they read it.
func TestHolderAndItsFailures(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	l := leases(t, srv)
	outcome := acquire(t, l, "ours")
	found := look(t, srv, nil)
	want(t, found, "lease", check.OK, "is fetching a token", "")
	want(t, found, "helper keys", check.OK, "each has a TTL", "")

	outcome.Release(&lease.Failure{Pause: time.Minute, Message: "the gateway does not answer"})
	found = until(t, srv, "last failure")
	want(t, found, "last failure", check.Warning, "the gateway does not answer; those with these credentials wait ", "gateway")
	want(t, found, "refused", check.OK, "no credentials", "")

	acquire(t, l, "ours").Release(&lease.Failure{Refused: true, Pause: 40 * time.Second, Reason: "wrong-credentials", Message: "Falscher Name oder falsches Kennwort"})
	found = until(t, srv, "refused")
	want(t, found, "refused", check.Failure, "these credentials: wrong user or password (Falscher Name oder falsches Kennwort); they are not tried again for ", "lock the account")

	acquire(t, l, "others").Release(&lease.Failure{Shared: true, Pause: 70 * time.Second, Reason: "not-connected", Message: "ist nicht angemeldet"})
	for range 1000 {
		if found = look(t, srv, nil); len(found["refused"]) == 2 {
			break
		}
	}
	all := found["refused"]
	if len(all) != 2 || all[0].Status != check.Warning || !strings.Contains(all[0].Saw, "other credentials: Kanzlei or database not connected") || !strings.Contains(all[0].Hint, "ask the office") || all[1].Status != check.Failure {
		t.Errorf("%+v", all)
	}
	want(t, found, "helper keys", check.OK, "each has a TTL", "")
}

// until looks until a check is something else than ok: a lease is released in the background.
func until(t *testing.T, srv *redistest.Server, name string) (found map[string][]check.Check) {
	t.Helper()
	for range 1000 {
		if found = look(t, srv, nil); found[name][0].Status != check.OK {
			break
		}
	}
	return found
}

// What others leave there is told of, and not believed. What is said in time has half a minute
// until it says something else.
func TestWhatOthersWrite(t *testing.T) {
	t.Parallel()
	beside := func(name string) string { return "{" + key + "}:" + name }
	owner, digest, now := strings.Repeat("A", 26), rediskey.Credentials.Of("ours"), fmt.Sprint(time.Now().UnixMilli())
	line := digest + " " + now + " 60000 no\n"
	for name, c := range map[string]struct {
		commands  [][]string
		check     string
		status    check.Status
		saw, hint string
	}{
		"a lease for ever":       {[][]string{{"SET", beside("lock"), owner}}, "lease", check.Warning, "longer than a lease", "takes the lease all the same"},
		"its TTL":                {[][]string{{"SET", beside("lock"), owner}}, "helper keys", check.Warning, "lock has no TTL", "find that program"},
		"a lease for an hour":    {[][]string{{"SET", beside("lock"), owner, "EX", "3630"}}, "helper keys", check.Warning, "lock lasts for 1h0m", "find that program"},
		"and what is usual":      {[][]string{{"SET", beside("lock"), owner, "EX", "3630"}}, "helper keys", check.Warning, ", and 10s at most from our processes", "find that program"},
		"another owner":          {[][]string{{"SET", beside("lock"), "worker-1", "EX", "9"}}, "lease", check.Warning, "another form of owner", "another program"},
		"a lease of a list":      {[][]string{{"LPUSH", beside("lock"), owner}}, "lease", check.Warning, "not a string", "another program"},
		"a failure string":       {[][]string{{"SET", beside("failed"), "x", "EX", "60"}}, "last failure", check.Warning, "no hash", "counts as nothing"},
		"a failure for ever":     {[][]string{{"HSET", beside("failed"), "holder", owner, "credentials", digest, "kind", "outage", "message", "x"}}, "last failure", check.Warning, "longer than", "counts as nothing"},
		"half a failure":         {[][]string{{"HSET", beside("failed"), "message", "x"}}, "last failure", check.OK, "none", ""},
		"escapes in a failure":   {[][]string{{"HSET", beside("failed"), "holder", owner, "credentials", digest, "kind", "outage", "message", "a\x1b[31m\nb"}, {"EXPIRE", beside("failed"), "60"}}, "last failure", check.Warning, "met: a [31m b; those", "gateway"},
		"a huge failure":         {[][]string{{"HSET", beside("failed"), "holder", owner, "message", strings.Repeat("x", 2<<20)}, {"EXPIRE", beside("failed"), "60"}}, "last failure", check.Warning, "longer than our processes write", "counts as nothing"},
		"a huge refusal":         {[][]string{{"SETRANGE", beside("refused"), "30000000", "x"}, {"EXPIRE", beside("refused"), "60"}}, "refused", check.OK, "no credentials", ""},
		"a huge address":         {[][]string{{"SETRANGE", beside("address"), "30000000", "x"}, {"EXPIRE", beside("address"), "60"}}, "discovery", check.Warning, "another form", ""},
		"a refusal":              {[][]string{{"SET", beside("refused"), line, "PX", "60000"}}, "refused", check.Failure, "these credentials: no; they", "lock the account"},
		"a refusal of a list":    {[][]string{{"LPUSH", beside("refused"), line}}, "refused", check.Warning, "not a string", "counts as nothing"},
		"a refusal for ever":     {[][]string{{"SET", beside("refused"), line}}, "refused", check.OK, "no credentials", ""},
		"with a longer TTL":      {[][]string{{"SET", beside("refused"), line, "PX", "70000"}}, "refused", check.OK, "no credentials", ""},
		"a refusal of last year": {[][]string{{"SET", beside("refused"), digest + " 1 60000 no\n", "PX", "60000"}}, "refused", check.OK, "no credentials", ""},
		"a refusal for a year":   {[][]string{{"SET", beside("refused"), digest + " " + now + " 31000000000 no\n", "PX", "31000000000"}}, "refused", check.OK, "no credentials", ""},
		"numbers too large":      {[][]string{{"SET", beside("refused"), digest + " " + strings.Repeat("9", 40) + " " + strings.Repeat("9", 40) + " no\n", "PX", "60000"}}, "refused", check.OK, "no credentials", ""},
		"no line":                {[][]string{{"SET", beside("refused"), "\x00\xff no line", "PX", "60000"}}, "refused", check.OK, "no credentials", ""},
		"many refusals":          {[][]string{{"SET", beside("refused"), strings.Repeat(line, 1000), "PX", "60000"}}, "refused", check.OK, "no credentials", ""},
		"an address":             {[][]string{{"SET", beside("address"), `1 proof {"relayUrl":"https://user:pw@c.example:88/x","securityGateway":"https://g.example/"}`, "EX", "2970"}}, "discovery", check.OK, "API https://c.example:88, gateway https://g.example, as the vendor said 5m", ""},
		"no answer":              {[][]string{{"SET", beside("address"), "1 proof failed", "EX", "510"}}, "discovery", check.Warning, "did not answer 1m", "defaults serve"},
		"another address":        {[][]string{{"SET", beside("address"), "https://c.example", "EX", "540"}}, "discovery", check.Warning, "another form", "counts as nothing"},
		"no JSON":                {[][]string{{"SET", beside("address"), "1 proof {", "EX", "540"}}, "discovery", check.Warning, "another form", "counts as nothing"},
		"an address of a list":   {[][]string{{"LPUSH", beside("address"), "x"}}, "discovery", check.Warning, "not a string", "counts as nothing"},
		"asking":                 {[][]string{{"SET", beside("address:asking"), "1", "EX", "60"}}, "discovery", check.OK, "a process is asking", ""},
		"moved for ever":         {[][]string{{"SET", beside("address:moved"), "1"}}, "helper keys", check.Warning, "moved has no TTL", "find that program"},
		"metadata for ever":      {[][]string{{"HSET", beside("meta"), "x", "y"}}, "helper keys", check.Warning, "meta has no TTL", "find that program"},
		"no right to the keys":   {[][]string{{"ACL", "SETUSER", "default", "resetkeys", "~" + key}}, "lease", check.Skipped, "NOPERM", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			for _, command := range c.commands {
				if err, bad := srv.Do(command...).(redistest.Error); bad {
					t.Fatal(err)
				}
			}
			want(t, look(t, srv, nil), c.check, c.status, c.saw, c.hint)
		})
	}
}

func TestPendingWrites(t *testing.T) {
	t.Parallel()
	want(t, look(t, nil, func(cfg *fleet.Config) { cfg.Pending = func() int { return 2 } }), "pending writes", check.Warning, "2 keys", "group Redis")
}

func TestWithoutRedis(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Stop()
	began := time.Now()
	found := look(t, srv, nil)
	srv.Kill()
	want(t, found, "lease", check.Skipped, "not reached", "")
	want(t, look(t, srv, nil), "helper keys", check.Skipped, "not reached", "")
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}
