package redis_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/doctor/internal/redis"
	"github.com/advoware-go/advoware/internal/envvar"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/redis/dial"
)

// Each Redis that cannot be used fails for a reason of its own, with an advice of its own.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		start     func(t *testing.T) dial.Config
		saw, hint string
	}{
		"down": {func(t *testing.T) dial.Config {
			srv := redistest.Start(t)
			srv.Kill()
			return at("redis://" + srv.Addr())
		}, "connection refused", "the memory store"},
		"a wrong password": {func(t *testing.T) dial.Config {
			return at("redis://:" + canary + "@" + withPassword(t))
		}, "WRONGPASS", "correct REDIS_USERNAME and REDIS_PASSWORD"},
		"no password": {func(t *testing.T) dial.Config {
			return at("redis://" + withPassword(t))
		}, "NOAUTH", "set REDIS_PASSWORD"},
		"frozen": {func(t *testing.T) dial.Config {
			srv := redistest.Start(t)
			srv.Stop()
			return at("redis://" + srv.Addr())
		}, "", "whether it hangs"},
		"swallowed": {func(t *testing.T) dial.Config {
			const addr = "127.0.0.77:26379"
			redistest.Dead(t, addr)
			return at("redis://" + addr)
		}, "dial", "firewall"},
		"a name that is none": {func(t *testing.T) dial.Config {
			return dial.Config{Host: "no-such-host.invalid", AllowRemote: true}
		}, "no-such-host.invalid", ""},
		"no TLS there": {func(t *testing.T) dial.Config {
			return at("rediss://" + redistest.Start(t).Addr())
		}, "without TLS", "redis:// in place of rediss://"},
		"TLS there": {func(t *testing.T) dial.Config {
			return at("redis://" + redistest.StartTLS(t, redistest.NewCA(t)).Addr())
		}, "TLS", "REDIS_TLS=true"},
		"an authority that is not known": {func(t *testing.T) dial.Config {
			return at("rediss://" + redistest.StartTLS(t, redistest.NewCA(t), "--tls-auth-clients", "no").Addr())
		}, "unknown authority", "REDIS_TLS_CA_FILE"},
		"an expired certificate": {func(t *testing.T) dial.Config {
			ca := redistest.NewCA(t)
			srv := redistest.StartTLS(t, ca, "--tls-auth-clients", "no")
			cert, key := ca.IssueExpired("old")
			srv.Do("CONFIG", "SET", "tls-cert-file", cert, "tls-key-file", key)
			cfg := at("rediss://" + srv.Addr())
			cfg.CAFile = ca.File()
			return cfg
		}, "expired", "renew the certificate"},
		"another name in the certificate": {func(t *testing.T) dial.Config {
			ca := redistest.NewCA(t)
			cfg := at("rediss://" + redistest.StartTLS(t, ca, "--tls-auth-clients", "no").Addr())
			cfg.CAFile, cfg.ServerName = ca.File(), "redis.example"
			return cfg
		}, "redis.example", "REDIS_TLS_SERVER_NAME"},
		"a client certificate is asked for": {func(t *testing.T) dial.Config {
			ca := redistest.NewCA(t)
			cfg := at("rediss://" + redistest.StartTLS(t, ca).Addr())
			cfg.CAFile = ca.File()
			return cfg
		}, "certificate", "REDIS_TLS_CERT_FILE"},
		"a client certificate of another authority": {func(t *testing.T) dial.Config {
			ca := redistest.NewCA(t)
			cfg := at("rediss://" + redistest.StartTLS(t, ca).Addr())
			cfg.CAFile = ca.File()
			cfg.CertFile, cfg.KeyFile = redistest.NewCA(t).Issue("stranger")
			return cfg
		}, "certificate", "REDIS_TLS_CERT_FILE"},
		"a database that there is not": {func(t *testing.T) dial.Config {
			return at("redis://" + redistest.Start(t, "--databases", "2").Addr() + "/7")
		}, "out of range", "REDIS_DB_ADVOWARE_CACHE"},
		"no right to select": {func(t *testing.T) dial.Config {
			srv := redistest.Start(t)
			srv.Do("ACL", "SETUSER", "default", "-select")
			return at("redis://" + srv.Addr())
		}, "NOPERM", "+select"},
		"a node of a Cluster": {func(t *testing.T) dial.Config {
			return at("redis://" + redistest.Start(t, redistest.ClusterNode...).Addr())
		}, "cluster mode", "name two or more nodes"},
		"no Cluster": {func(t *testing.T) dial.Config {
			addr := redistest.Start(t).Addr()
			return at("redis://" + addr + "?addr=" + addr)
		}, "cluster support disabled", "take the parameter addr out"},
		"a Cluster without slots": {func(t *testing.T) dial.Config {
			addr := redistest.Start(t, redistest.ClusterNode...).Addr()
			return at("redis://" + addr + "?addr=" + addr)
		}, "", "CLUSTER"},
		"a master that sentinels do not know": {func(t *testing.T) dial.Config {
			master := redistest.Start(t)
			return at("redis://" + redistest.StartOneSentinel(t, master.Addr()).Addr() + "?master_name=other")
		}, `do not know a master named "other"`, "set master_name"},
		"no sentinel": {func(t *testing.T) dial.Config {
			srv := redistest.Start(t)
			srv.Kill()
			return at("redis://" + srv.Addr() + "?master_name=main")
		}, "sentinel", "the addresses of the sentinels"},
		"another machine without TLS": {func(*testing.T) dial.Config {
			return dial.Config{Host: "redis.example"}
		}, "REDIS_HOST is neither this machine nor reached by TLS", "REDIS_ALLOW_REMOTE"},
		"a web server": {func(t *testing.T) dial.Config {
			return at("redis://" + redistest.Garbled(t, "HTTP/1.1 400 Bad Request"))
		}, "", "another protocol"},
		"endless": {func(t *testing.T) dial.Config {
			return at("redis://" + redistest.Garbled(t, "$99999999999"))
		}, "", "another protocol"},
		"a proxy without a server": {func(t *testing.T) dial.Config {
			return at("redis://" + redistest.Listen(t, func(c net.Conn) {}))
		}, "without an answer", "behind which proxy"},
		"loading": {func(t *testing.T) dial.Config {
			return at("redis://" + answering(t, "-LOADING Redis is loading the dataset in memory", nil))
		}, "LOADING", "wait"},
		"too many connections": {func(t *testing.T) dial.Config {
			srv := redistest.Start(t, "--maxclients", "3")
			for range 3 {
				srv.Dial()
			}
			return at("redis://" + srv.Addr())
		}, "max number of clients", "maxclients"},
		"a script that does not end": {func(t *testing.T) dial.Config {
			srv := redistest.Start(t, "--lua-time-limit", "1")
			busy := srv.Dial()
			go func() { _, _ = busy.Do("EVAL", "while true do end", "0") }()
			return at("redis://" + srv.Addr())
		}, "BUSY", "SCRIPT KILL"},
		"a password that the server repeats": {func(t *testing.T) dial.Config {
			return at("redis://:" + canary + "@" + answering(t, "-ERR who is "+canary, nil))
		}, "its words are not shown", ""},
		"a configuration that contradicts itself": {func(*testing.T) dial.Config {
			return dial.Config{URL: secret.New("redis://127.0.0.1:1"), Host: "127.0.0.2"}
		}, "REDIS_HOST says something else than REDIS_URL", "nothing was sent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := c.start(t)
			var found []check.Check
			for range 20 { // a server's reason to end a connection may be overtaken by the end
				found = look(t, cfg)
				if !strings.Contains(found[0].Saw, "connection reset by peer") {
					break
				}
			}
			if got := found[0]; got.Name != "reach" || got.Status != check.Failure || !strings.Contains(got.Saw, c.saw) || !strings.Contains(got.Hint, c.hint) || got.Want == "" || got.Hint == "" {
				t.Errorf("%+v, want %q and %q", got, c.saw, c.hint)
			}
			for _, other := range found[1:] {
				if other.Status != check.Skipped || other.Saw != "Redis was not reached" {
					if other.Name != "transport" {
						t.Errorf("%+v", other)
					}
				}
			}
		})
	}
}

// Where nothing is configured, no Redis is no failure: a client does without. One that is there
// and cannot be used still is.
func TestNobodyAskedForRedis(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	addr := srv.Addr()
	srv.Kill()
	for name, c := range map[string]struct {
		cfg  dial.Config
		want check.Status
		hint string
	}{
		"none":              {at("redis://" + addr), check.Warning, "REDIS_URL"},
		"with a password":   {at("redis://" + withPassword(t)), check.Failure, "REDIS_PASSWORD"},
		"something like it": {at("redis://" + redistest.Garbled(t, "HTTP/1.1 400 Bad Request")), check.Failure, "protocol"},
	} {
		l := link.Open(t.Context(), link.Config{Redis: c.cfg, Name: envvar.Redis})
		found := redis.Checks(t.Context(), redis.Config{Link: l, Key: "k", Unasked: true})
		l.Close()
		if got := found[0]; got.Name != "reach" || got.Status != c.want || !strings.Contains(got.Hint, c.hint) {
			t.Errorf("%s: %+v", name, got)
		}
		if last := found[len(found)-1]; len(found) < 10 || last.Status != check.Skipped {
			t.Errorf("%s: %d checks, the last one is %+v", name, len(found), last)
		}
	}
}

const canary = "canary-0123456789"

func withPassword(t *testing.T) (addr string) {
	srv := redistest.Start(t)
	srv.Do("CONFIG", "SET", "requirepass", "another-"+canary[7:])
	return srv.Addr()
}

// answering starts what answers each command with one line, and those that are named with
// texts.
func answering(t *testing.T, otherwise string, to map[string]string) (addr string) {
	return redistest.Listen(t, func(c net.Conn) {
		in := bufio.NewReader(c)
		for {
			var n int
			if _, err := fmt.Fscanf(in, "*%d\r\n", &n); err != nil {
				return
			}
			words := make([]string, n)
			for i := range words {
				var length int
				if _, err := fmt.Fscanf(in, "$%d\r\n", &length); err != nil {
					return
				}
				text := make([]byte, length+2)
				if _, err := io.ReadFull(in, text); err != nil {
					return
				}
				words[i] = strings.ToLower(string(text[:length]))
			}
			answer := otherwise + "\r\n"
			if text, ok := to[words[0]]; ok {
				answer = fmt.Sprintf("$%d\r\n%s\r\n", len(text), text)
			}
			if _, err := c.Write([]byte(answer)); err != nil {
				return
			}
		}
	})
}

func init() { goredis.SetLogger(silent{}) }

// silent drops what go-redis says of a dial that takes too long.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// distant returns a client in a bubble, and its way to a server.
func distant(t *testing.T, srv *redistest.Server) (*goredis.Client, *redistest.Way) {
	t.Helper()
	way, o := new(redistest.Way), redisstore.Options(srv.Addr())
	o.Dialer, o.PoolSize = way.Dial, 64 // its timers, which come from another bubble, are for a pool that is empty
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = link.Patience, link.Patience, link.Patience, link.Patience
	client := goredis.NewClient(o)
	t.Cleanup(func() {
		_ = client.Close()
		time.Sleep(3 * time.Hour) // until nothing is on its way any more
	})
	return client, way
}

// A Redis that is far away is measured, also where a call does not wait so long.
func TestSlow(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Do("ACL", "SETUSER", "default", "-client|tracking") // no time would pass while a push is waited for
	for trip, c := range map[time.Duration]struct {
		status check.Status
		hint   string
	}{
		80 * time.Millisecond:  {check.OK, ""},
		120 * time.Millisecond: {check.Warning, "goes on without it"},
		300 * time.Millisecond: {check.Failure, "no call waits long enough"},
	} {
		synctest.Test(t, func(t *testing.T) {
			client, way := distant(t, srv)
			way.Trip(trip)
			found := look(t, dial.Config{Client: client})
			want(t, found, "reach", check.OK, "answers", "")
			want(t, found, "round trip", c.status, "median "+trip.String()+", worst "+trip.String(), c.hint)
		})
	}
}

// A Redis that hangs, from the start or after its first answer, holds nothing up.
func TestHangs(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	for _, first := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			client, way := distant(t, srv)
			if !first {
				way.Trip(time.Hour)
			}
			began := time.Now()
			l := opened(t, dial.Config{Client: client})
			if _, err := l.Reached(t.Context()); first != (err == nil) {
				t.Fatal(err)
			}
			way.Trip(time.Hour)
			found := checks(t, l)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			if first {
				want(t, found, "round trip", check.Failure, "PING 1", "hangs")
			} else {
				want(t, found, "reach", check.Failure, "", "whether Redis hangs")
			}
			for _, name := range []string{"version", "rights", "identity"} {
				want(t, found, name, check.Skipped, "", "")
			}
		})
	}
}

func TestClientOfTheCaller(t *testing.T) {
	t.Parallel()
	client := goredis.NewClient(&goredis.Options{Addr: redistest.Start(t).Addr(), DB: 1})
	defer client.Close()
	found := look(t, dial.Config{Client: client})
	want(t, found, "reach", check.OK, "the client of the caller", "")
	want(t, found, "transport", check.OK, "this machine", "")
	want(t, found, "pushes", check.OK, "arrives", "")
	if err := client.Ping(t.Context()).Err(); err != nil {
		t.Errorf("it was closed: %v", err)
	}
}
