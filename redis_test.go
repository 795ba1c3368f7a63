package advoware_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/internal/leaktest"
	"github.com/advoware-go/advoware/secret"
)

// reached is what matters of a client's options.
type reached struct {
	Kind, Addr, Network, ClientName       string
	DB, Protocol, Retries, Dials, Pool    int
	Dial, Read, Write, Wait               time.Duration
	Deadlines, Identity, Pipelines, Maint bool
}

func reachedBy(t *testing.T, client goredis.UniversalClient) reached {
	t.Helper()
	switch c := client.(type) {
	case *goredis.Client:
		o := c.Options()
		kind := "single"
		if o.Addr == "FailoverClient" {
			kind = "sentinel"
		}
		return reached{
			kind, o.Addr, o.Network, o.ClientName, o.DB, o.Protocol, o.MaxRetries, o.DialerRetries, o.PoolSize,
			o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout,
			o.ContextTimeoutEnabled, !o.DisableIdentity, o.PipelinePoolSize >= 0, o.MaintNotificationsConfig.Mode != "disabled",
		}
	case *goredis.ClusterClient:
		o := c.Options()
		return reached{
			"cluster", strings.Join(o.Addrs, " "), "", o.ClientName, 0, o.Protocol, max(o.MaxRetries, 0), o.DialerRetries, o.PoolSize,
			o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout,
			o.ContextTimeoutEnabled, !o.DisableIdentity, o.PipelinePoolSize >= 0, o.MaintNotificationsConfig.Mode != "disabled",
		}
	}
	t.Fatalf("a %T", client)
	return reached{}
}

func TestRedisURL(t *testing.T) {
	const quick = 250 * time.Millisecond
	ours := reached{
		Kind: "single", Addr: "localhost:6379", Network: "tcp", DB: 1, Protocol: 2, Dials: 1, Pool: 8,
		Dial: quick, Read: quick, Write: quick, Wait: quick, Deadlines: true,
	}
	for _, c := range []struct {
		url    string
		also   advoware.RedisConfig
		change func(*reached)
	}{
		{"", advoware.RedisConfig{}, func(*reached) {}},
		{"", advoware.RedisConfig{Host: "::1", Port: 7}, func(r *reached) { r.Addr = "[::1]:7" }},
		{"", advoware.RedisConfig{Host: "/run/r.sock", DB: new(3)}, func(r *reached) { r.Addr, r.Network, r.DB = "/run/r.sock", "unix", 3 }},
		{"redis://", advoware.RedisConfig{}, func(*reached) {}},
		{" redis://LOCALHOST:6379\n", advoware.RedisConfig{}, func(r *reached) { r.Addr = "LOCALHOST:6379" }},
		{"redis://127.0.0.1/0", advoware.RedisConfig{DB: new(1)}, func(r *reached) { r.Addr, r.DB = "127.0.0.1:6379", 0 }},
		{"redis://127.0.0.1:7/", advoware.RedisConfig{DB: new(5)}, func(r *reached) { r.Addr, r.DB = "127.0.0.1:7", 5 }},
		{"redis://127.0.0.1:7/5?client_name=x", advoware.RedisConfig{Host: "127.0.0.1", Port: 7, DB: new(5)}, func(r *reached) {
			r.Addr, r.DB, r.ClientName = "127.0.0.1:7", 5, "x"
		}},
		{"redis://redis.example?db=2", advoware.RedisConfig{AllowRemote: true}, func(r *reached) { r.Addr, r.DB = "redis.example:6379", 2 }},
		{"rediss://redis.example", advoware.RedisConfig{TLS: true}, func(r *reached) { r.Addr = "redis.example:6379" }},
		{"unix:///run/r.sock", advoware.RedisConfig{}, func(r *reached) { r.Addr, r.Network = "/run/r.sock", "unix" }},
		{"unix://u:p@/run/r.sock?db=4", advoware.RedisConfig{Host: "/run/r.sock"}, func(r *reached) { r.Addr, r.Network, r.DB = "/run/r.sock", "unix", 4 }},
		{"redis://[::1]:1/2?addr=[::1]:2&master_name=m", advoware.RedisConfig{}, func(r *reached) { r.Kind, r.Addr, r.DB = "sentinel", "FailoverClient", 2 }},
		{"redis://localhost:1?master_name=m", advoware.RedisConfig{DB: new(3)}, func(r *reached) { r.Kind, r.Addr, r.DB = "sentinel", "FailoverClient", 3 }},
		{"redis://localhost:1?addr=127.0.0.1:2", advoware.RedisConfig{DB: new(1)}, func(r *reached) {
			r.Kind, r.Addr, r.Network, r.DB = "cluster", "localhost:1 127.0.0.1:2", "", 0
		}},
		{"redis://localhost:1/0?addr=127.0.0.1:2&addr=127.0.0.1:3", advoware.RedisConfig{DB: new(0), Host: "127.0.0.1", Port: 3}, func(r *reached) {
			r.Kind, r.Addr, r.Network, r.DB = "cluster", "localhost:1 127.0.0.1:2 127.0.0.1:3", "", 0
		}},
		{"redis://?dial_timeout=1&read_timeout=2s&write_timeout=3s&pool_timeout=4s&pool_size=5&max_retries=6&protocol=3&pipeline_pool_size=7", advoware.RedisConfig{}, func(r *reached) {
			r.Dial, r.Read, r.Write, r.Wait = time.Second, 2*time.Second, 3*time.Second, 4*time.Second
			r.Pool, r.Retries, r.Protocol, r.Pipelines = 5, 6, 3, true
		}},
	} {
		t.Run(c.url, func(t *testing.T) {
			want := ours
			c.change(&want)
			cfg := c.also
			cfg.URL = secret.New(c.url)
			client, err := advoware.RedisClient(cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			if diff := cmp.Diff(want, reachedBy(t, client)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestRedisURLProblems(t *testing.T) {
	dir := t.TempDir()
	junk := filepath.Join(dir, "junk")
	if err := os.WriteFile(junk, []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		vars string // NAME=value, separated by spaces
		want string // the variables that have a problem, in their order
		text string
	}{
		// Two that say different things are named both.
		{"REDIS_URL=redis://localhost REDIS_HOST=127.0.0.1", "REDIS_HOST", "REDIS_URL"},
		{"REDIS_URL=redis://localhost:1 REDIS_PORT=2", "REDIS_PORT", "REDIS_URL"},
		{"REDIS_URL=redis://localhost/2 REDIS_DB_ADVOWARE_CACHE=3", "REDIS_DB_ADVOWARE_CACHE", "REDIS_URL"},
		{"REDIS_URL=redis://a:b@localhost REDIS_USERNAME=c REDIS_PASSWORD=d", "REDIS_USERNAME REDIS_PASSWORD", "REDIS_URL"},
		{"REDIS_URL=redis://localhost?master_name=m&username=a&password=b REDIS_USERNAME=c REDIS_PASSWORD=d", "REDIS_USERNAME REDIS_PASSWORD", "REDIS_URL"},
		{"REDIS_URL=redis://localhost REDIS_TLS=true", "REDIS_TLS", "rediss://"},
		{"REDIS_URL=unix:///s REDIS_TLS=true REDIS_HOST=/t REDIS_PORT=1", "REDIS_HOST REDIS_PORT REDIS_TLS", "REDIS_URL"},
		// What says the same, or has its default, says nothing.
		{"REDIS_URL=rediss://example.com:7/2 REDIS_HOST=localhost REDIS_PORT=6379 REDIS_DB_ADVOWARE_CACHE=1 REDIS_TLS=false", "", ""},
		{"REDIS_URL=redis://:b@localhost:7/2 REDIS_HOST=localhost REDIS_PORT=7 REDIS_DB_ADVOWARE_CACHE=2 REDIS_USERNAME=a REDIS_PASSWORD=b", "", ""},
		{"REDIS_URL=redis://sentinels:only@localhost?master_name=m REDIS_USERNAME=c REDIS_PASSWORD=d", "", ""},
		// A Cluster has one database.
		{"REDIS_URL=redis://localhost/1?addr=localhost:1", "REDIS_URL", "has only 0"},
		{"REDIS_URL=redis://localhost?addr=localhost:1 REDIS_DB_ADVOWARE_CACHE=2", "REDIS_DB_ADVOWARE_CACHE", "only"},
		// Nobody listens on the way.
		{"REDIS_HOST=redis.example REDIS_URL=", "REDIS_HOST", "set REDIS_TLS, or allow it by REDIS_ALLOW_REMOTE"},
		{"REDIS_URL=redis://redis.example", "REDIS_URL", "use rediss://, or allow it by REDIS_ALLOW_REMOTE"},
		{"REDIS_URL=redis://localhost?master_name=m&addr=192.0.2.1:1", "REDIS_URL", "REDIS_ALLOW_REMOTE"},
		{"REDIS_URL=redis://localhost?addr=redis.example:1", "REDIS_URL", "REDIS_ALLOW_REMOTE"},
		{"REDIS_URL=rediss://redis.example?skip_verify=true", "REDIS_URL", "REDIS_ALLOW_REMOTE"},
		{"REDIS_URL=rediss://redis.example?skip_verify=true REDIS_ALLOW_REMOTE=true", "", ""},
		{"REDIS_URL=rediss://redis.example?addr=redis.example:1", "", ""},
		{"REDIS_URL=redis://localhost?addr=redis.example:1 REDIS_ALLOW_REMOTE=true", "", ""},
		// What go-redis does not understand, or we do not want.
		{"REDIS_URL=http://localhost", "REDIS_URL", "redis://host:6379/1, with TLS rediss://…"},
		{"REDIS_URL=redis://localhost:0", "REDIS_URL", "from 1 to 65535"},
		{"REDIS_URL=redis://localhost:65536/2", "REDIS_URL", "from 1 to 65535"},
		{"REDIS_URL=redis://localhost?master_name=m&addr=localhost:99999", "REDIS_URL", "from 1 to 65535"},
		{"REDIS_URL=redis://localhost/x", "REDIS_URL", "invalid database number"},
		{"REDIS_URL=redis://localhost/-1", "REDIS_URL", "negative"},
		{"REDIS_URL=redis://localhost?pool_sise=1", "REDIS_URL", "pool_sise"},
		{"REDIS_URL=redis://localhost?master_name=", "REDIS_URL", "master_name"},
		{"REDIS_URL=redis://localhost?master_name=m&replica_only=true", "REDIS_URL", "replica_only"},
		{"REDIS_URL=redis://localhost?master_name=m&route_randomly=true", "REDIS_URL", "route_randomly"},
		{"REDIS_URL=redis://a:1#b@localhost", "REDIS_URL", "written %XX"},
		{"REDIS_URL=unix://", "REDIS_URL", "empty unix socket path"},
		{"REDIS_HOST=redis://localhost", "REDIS_HOST", "neither a host"},
		// Certificates.
		{"REDIS_TLS=true REDIS_TLS_CA_FILE=" + dir + "/absent", "REDIS_TLS_CA_FILE", "no such file"},
		{"REDIS_TLS=true REDIS_TLS_CA_FILE=" + junk, "REDIS_TLS_CA_FILE", "PEM"},
		{"REDIS_TLS=true REDIS_TLS_CERT_FILE=" + junk, "REDIS_TLS_KEY_FILE", "REDIS_TLS_CERT_FILE"},
		{"REDIS_TLS=true REDIS_TLS_KEY_FILE=" + junk, "REDIS_TLS_CERT_FILE", "REDIS_TLS_KEY_FILE"},
		{"REDIS_TLS=true REDIS_TLS_KEY_FILE=" + junk + " REDIS_TLS_CERT_FILE=" + junk, "REDIS_TLS_CERT_FILE", "REDIS_TLS_KEY_FILE"},
		{"REDIS_TLS_CA_FILE=x REDIS_TLS_CERT_FILE=y REDIS_TLS_KEY_FILE=z REDIS_TLS_SERVER_NAME=n",
			"REDIS_TLS_CA_FILE REDIS_TLS_CERT_FILE REDIS_TLS_KEY_FILE REDIS_TLS_SERVER_NAME", "set REDIS_TLS, or have REDIS_URL begin with rediss://"},
		{"REDIS_TLS=true REDIS_HOST=/s", "REDIS_TLS", "REDIS_HOST"},
		// All at once.
		{"REDIS_URL=redis://redis.example/2 REDIS_PORT=x REDIS_HOST=h REDIS_DB_ADVOWARE_CACHE=3 REDIS_TLS_CA_FILE=x",
			"REDIS_PORT REDIS_DB_ADVOWARE_CACHE REDIS_HOST REDIS_TLS_CA_FILE REDIS_URL", ""},
	} {
		t.Run(c.vars, func(t *testing.T) {
			vars := required()
			for _, pair := range strings.Fields(c.vars) {
				name, value, _ := strings.Cut(pair, "=")
				vars[name] = value
			}
			_, err := read(vars, advoware.Tiered)
			var got []string
			if err != nil {
				for _, p := range err.(*advoware.EnvError).Problems {
					got = append(got, p.Variable)
				}
			}
			if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("-want +got:\n%s\n%v", diff, err)
			}
			if c.text != "" && (err == nil || !strings.Contains(err.Error(), c.text)) {
				t.Errorf("%v does not say %q", err, c.text)
			}
			if err != nil && strings.Contains(err.Error(), "Redis.") {
				t.Errorf("%v speaks of a field", err)
			}
		})
	}
}

func TestRedisConfigProblemsNameTheFields(t *testing.T) {
	_, err := advoware.RedisClient(advoware.RedisConfig{
		URL: secret.New("redis://redis.example/2"), Host: "h", DB: new(3), CAFile: "x", Timeout: -1, Port: -1,
	})
	for _, want := range []string{"Redis.URL is neither", "Redis.AllowRemote", "Redis.Host says", "Redis.DB says", "Redis.CAFile is", "Redis.Timeout must", "Redis.Port is"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}

// A password with characters that belong elsewhere in a URL must not be quoted back in
// the error about it.
func TestRedisURLErrorsShowNoPassword(t *testing.T) {
	const tail = "zwei" // the password is a number or a word, a character, and this
	for _, sign := range []string{"/", "?", "#", "@", ":", "%", " ", "\n", "[", "&", ";", "/x?", "?pool_size=1&", "%40", "?a=%zz", "é"} {
		for _, form := range []string{
			"redis://user:%s@localhost:6379/x",
			"redis://user:%s@localhost:port/1",
			"redis://%s@localhost:6379?pool_sise=1",
			"redis://:%s@localhost:6379/1?master_name=m&pool_sise=1",
			"redis://localhost:6379/x?master_name=m&password=%s@",
			"redis://user:%s@localhost?addr=u:%[1]s@localhost:1",
			"user:%s@localhost:6379",
			"%s",
		} {
			for _, head := range []string{"hunter", "4711"} {
				url := fmt.Sprintf(form, head+sign+tail)
				vars := required()
				vars["REDIS_URL"] = url
				_, err := read(vars, advoware.Tiered)
				if err == nil || strings.Contains(err.Error(), head) || strings.Contains(err.Error(), tail) {
					t.Errorf("%q: %v", url, err)
				}
			}
		}
	}
}

func TestRedisOptionsHoldNoPassword(t *testing.T) {
	for _, url := range []string{
		"redis://user:hunter2@localhost", "unix://user:hunter2@/s", "redis://user:hunter2@localhost?addr=localhost:1",
		"redis://user:hunter2@localhost?master_name=m&username=user&password=hunter2",
	} {
		client, err := advoware.RedisClient(advoware.RedisConfig{URL: secret.New(url)})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		var options any
		switch c := client.(type) {
		case *goredis.Client:
			o := *c.Options()
			_, got, err := o.CredentialsProviderContext(t.Context())
			if got != "hunter2" || err != nil {
				t.Errorf("%s: the password is %q, %v", url, got, err)
			}
			options = o
		case *goredis.ClusterClient:
			options = *c.Options()
		}
		for _, verb := range []string{"%v", "%+v", "%#v"} {
			if strings.Contains(fmt.Sprintf(verb, options)+fmt.Sprintf(verb, client), "hunter2") {
				t.Errorf("%s: the options show it", url)
			}
		}
	}
	cfg := advoware.RedisConfig{URL: secret.New("redis://user:hunter2@localhost")}
	leaktest.Check(t, "RedisConfig", cfg, "hunter2")
	leaktest.Check(t, "a struct with one", struct{ cfg advoware.RedisConfig }{cfg}, "hunter2")
}
